// The start of the workshop: a list is read and learnt as soon as it is there or changes, and names are made of it.

import { $, complain, el, fileName, joinPairs, save, sentence } from "../controls/dom.js";
import { closeModel, generate, openModel, startNames } from "../controls/names.js";
import { startPreview } from "../controls/preview.js";
import { startTheme } from "../controls/themes.js";
import { words } from "../controls/words.js";
import { keepNames, listNow, nameNow, startLists } from "./lists.js";
import { madeNames, maker } from "./maker.js";
import { pageOf } from "./take_away.js";

const ASKING_PAUSE = 350; // milliseconds without a key before names are made
const FEW = 3; // names; of fewer nothing can be held out to learn by

let learnt = null; // the model
let first = null; // the model of the first example until it is learnt, {told}: names of it are there before
let learning = null;

const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

async function readList(list, options, { signal }) {
  if (typeof list === "string") return maker.ask("read", { text: list, options }, { signal });
  const { size, name } = list;
  const problem = await maker.ask("refused", { size, name, beginning: await bytesOf(list.slice(0, 100)) }, { signal });
  if (problem) return { corpus: null, problem, columns: [] };
  return maker.ask("read", { bytes: await bytesOf(list), name, options }, { signal });
}

/** Learns what was read, and makes names of it; or says its problem, which is `told`, where the names would be. */
async function learn({ corpus, ...read }, told) {
  learning?.abort();
  learning = null;
  if (!corpus || told) {
    showModel(null, told);
    return;
  }
  keepNames(read);
  if (corpus.documents < FEW) $("preview-notes").append(el("li", {}, words("workshop-few", { n: corpus.documents })));
  const mine = (learning = new AbortController());
  const isFirst = first && readyNow();
  try {
    const { names, labels, weights, lowercased, written } = read;
    const list = { names, labels, weights, lowercased, written, called: nameNow(), notes: corpus.notes };
    const model = await maker.ask("learn", list, { signal: mine.signal });
    if (learning !== mine) return;
    if (!isFirst) showModel({ ...model, name: nameNow() });
    else if (readyNow()) become(model); // or else the list is another since, and will be read
  } catch (error) {
    if (learning !== mine) return;
    const why = sentence(error.message);
    $("list-problem").textContent = why;
    showModel(null, why);
  }
}

/** Shows names of the list's model from now on; or none, and `why`. */
function showModel(model, why = "") {
  setLearnt(model);
  if (model) openModel(model, madeNames);
  else closeModel(why);
}

function setLearnt(model) {
  [learnt, first] = [model, null];
  $("model-told").textContent = "";
  for (const id of ["model-download", "model-page"]) $(id).disabled = !model;
}

/** Shows the names of the first example that are ready. Who asks for others waits until it is learnt. */
function showReady(ready) {
  first = { name: nameNow() };
  first.id = new Promise((then) => (first.told = then));
  openModel(first, madeNames, ready);
}

/** The first example is learnt: its names stay as they are. */
function become(model) {
  first.told(model.id);
  setLearnt(Object.assign(first, model, { name: nameNow() }));
}

/** The list has another name than before; so has its model. */
function renamed(name, before) {
  if (learnt?.name === before) learnt.name = name;
}

/** Runs a button's `work`, and says what came of it beside the button. */
function takeAway(id, work) {
  $(id).addEventListener("click", async () => {
    $("model-told").textContent = "";
    try {
      const name = await work();
      $("model-told").textContent = words("workshop-saved", { name });
    } catch (error) {
      complain($("model-told"), error);
    }
  });
}

takeAway("model-download", async () => {
  const name = fileName(learnt.name, ".safetensors");
  save(name, new Blob([await maker.ask("file", { model: learnt.id })]));
  return name;
});
takeAway("model-page", async () => {
  const name = fileName(learnt.name, ".html");
  save(name, await pageOf(await maker.ask("page", { model: learnt.id }), learnt.name));
  return name;
});

/** Names by the form, as it is filled in; more like the stars, if those were the last that were asked for. */
function startAsking() {
  let steered = false;
  let timer = 0;
  $("more-like").addEventListener("click", () => (steered = true));
  $("ask").addEventListener("submit", () => (steered = false));
  $("ask").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => generate({ quietly: true, steered }), ASKING_PAUSE);
  });
}

/** Within another page, such as the start of the documentation, it is as high as what is in it: that page hears how high. */
function startWithin() {
  if (parent === window) return;
  document.documentElement.classList.add("within");
  const tell = () => parent.postMessage({ workshopHeight: document.body.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
}

startWithin();
startTheme();
joinPairs();
startAsking();
startNames(madeNames);
startPreview(listNow, readList, (_, answer, told) => learn(answer, told));
startLists(renamed);
if (readyNow()) showReady(readyNow());
