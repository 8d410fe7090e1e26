// Training: the list is sent, waits in the queue, and its progress is shown.

import { Problem, call, events, queryOf } from "./api.js";
import { beginEngine, forgetLearning, learnAtOnce } from "./at_once.js";
import { chartOf } from "../controls/chart.js";
import { $, announce, besides, bringIntoSight, complain, el, keepInSight, numberIn, startDropping } from "../controls/dom.js";
import { clear, optionsOf, tell } from "../controls/forms.js";
import { model, offerHere, refresh } from "./models.js";
import { keepPasted, ownName, pasted } from "./lists.js";
import { forgetColumns, listChanged, looked, readingOptions, startPreview } from "../controls/preview.js";
import { keep, read } from "../controls/store.js";
import { words } from "../controls/words.js";

const MINE = "mangosaurus.training";
const PASTED = words("a-pasted-list");
const WORKBOOK = /\.(xlsx|xls|ods)$/i;
const SHOWN = 6;
const LONG = 50_000; // characters; a field of many thousand lines makes browsers stand still
const STAGES = { counting: words("counting"), training: words("training"), mixing: words("mixing") };
const OVER = ["done", "stopped", "failed", "cancelled"];

let chosen = null;
let changed = false; // the list, since the page was loaded
let chart = null;
let current = null;

export function startTraining() {
  chart = chartOf($("chart"));
  $("teach").addEventListener("submit", (event) => {
    event.preventDefault();
    teach();
  });
  const button = $("teach").querySelector(".primary"); // what is found may move it while it is pressed
  button.addEventListener("pointerdown", ({ pointerId }) => button.setPointerCapture(pointerId));
  startPreview(() => chosen ?? $("list").value, readList, found);
  if (!$("list").value) restore(pasted());
  changed = false;
  if ($("list").value) listChanged(0);
  $("list").addEventListener("focus", beginEngine, { once: true });
  $("list").addEventListener("input", () => {
    changed = true;
    listChanged();
    keepPasted($("list").value);
  });
  $("file").addEventListener("change", () => choose($("file").files[0], true));
  $("unchoose").addEventListener("click", () => {
    choose(null);
    keepPasted($("list").value);
    $("list").focus();
  });
  startDropping($("teach"), (file, text) => {
    if (file) choose(file, true);
    else if (text.length >= LONG) hold(text);
    else if (text) restore($("list").value + text);
    changed = true;
    listChanged(0);
  });
  $("list").addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (text.length < LONG) return;
    event.preventDefault();
    hold(text);
  });
  $("training-stop").addEventListener("click", end("POST", "/stop"));
  $("training-cancel").addEventListener("click", end("DELETE", ""));
  $("training-close").addEventListener("click", close);
  const mine = read("session", MINE);
  if (mine) follow(mine); // the page was reloaded during the training
}

const LIST = "text/plain; charset=utf-8";

function readList(list, options, { signal }) {
  showAtOnce(list, options);
  return call("POST", `api/preview?${queryOf(options)}`, list, { type: LIST, signal });
}

/** Names of the list are shown at once, unless it is what the tab has remembered: then a model may be chosen already. */
async function showAtOnce(list, options) {
  if (!changed) return;
  const content = `${queryOf(options)}\n${typeof list === "string" ? list : await list.text()}`;
  const nameOf = (corpus) => $("called").value.trim() || ownName(usualName(corpus), content, false);
  const learnt = await learnAtOnce(list, options, nameOf);
  if (learnt) offerHere(learnt);
}

function found(corpus) {
  $("called").placeholder = usualName(corpus);
  if (corpus?.kind === "names") return;
  forgetLearning();
  offerHere(null);
}

/** Puts a list into the field, or in its place. */
function restore(text) {
  if (text.length >= LONG) return choose(new File([text], PASTED));
  $("list").value = text;
  keepPasted(text);
}

/** Keeps a long list as if it were a file, after the field's text: too much text makes the field slow. */
function hold(text) {
  const before = $("list").value;
  const all = before ? `${before}\n${text}` : text;
  choose(new File([all], PASTED));
  keepPasted(all);
}

/** Only a file of this machine, and no pasted text, has an encoding of its own. */
function choose(file, encoded = false) {
  chosen = file ?? null;
  changed = true;
  const workbook = WORKBOOK.test(file?.name ?? "");
  $("file-encoding").disabled = $("encoding-field").hidden = !encoded || workbook;
  $("workbook-sheet").disabled = $("sheet-field").hidden = !encoded || !workbook;
  $("workbook-sheet").value = "";
  forgetColumns();
  listChanged(0);
  $("chosen").hidden = !chosen;
  $("list").hidden = Boolean(chosen);
  $("file").value = "";
  complain($("teach-problem"));
  if (!chosen) return;
  $("chosen-name").textContent = file.name;
  const size = file.size < 1e5 ? `${(file.size / 1e3).toFixed(1)} KB` : `${(file.size / 1e6).toFixed(1)} MB`;
  $("chosen-size").textContent = size;
  announce(words("file-chosen", { name: file.name }));
}

/** The name of a list that has none: that of its file, or its first names. */
function usualName(corpus) {
  if (chosen && chosen.name !== PASTED) return chosen.name.replace(/\.[^.]*$/, "").slice(0, 60);
  const first = (corpus?.first ?? []).slice(0, 2).map(({ text }) => text.slice(0, 24).trim());
  return first.length ? `${first.join(", ")}${corpus.documents > 2 || corpus.kind === "text" ? ", …" : ""}` : words("by-its-first-names");
}

async function teach() {
  const body = chosen ?? $("list").value;
  complain($("teach-problem"));
  if (!chosen && !body.trim()) {
    complain($("teach-problem"), new Problem(0, words("paste-first")));
    $("list").focus();
    return;
  }
  const button = $("teach").querySelector(".primary");
  button.disabled = true;
  try {
    const answer = await looked();
    if (answer?.problem) {
      $("teach").querySelector("[aria-invalid]")?.focus();
      return announce(words("nothing-trained"));
    }
    const how = queryOf(readingOptions());
    const corpus = await call("POST", `api/corpora?${how}`, body, { type: LIST });
    const { budget, separator } = optionsOf($("teach"));
    const content = `${how}\n${chosen ? await chosen.text() : body}`;
    const name = $("called").value.trim() || ownName(usualName(corpus), content);
    const asked = { corpus: corpus.id, name, budget };
    if (separator) asked.separator = separator === "space" ? " " : separator;
    const training = await call("POST", "api/trainings", asked);
    keep("session", MINE, training.id);
    clear($("teach")); // of an earlier training
    follow(training.id, true);
  } catch (error) {
    clear($("teach"));
    tell($("teach"), error, $("teach-problem"));
  } finally {
    button.disabled = false;
  }
}

/** Shows a training from its present state to its end; reconnects if the connection breaks. */
async function follow(id, asked = false) {
  begin(id);
  current.asked = asked;
  for (let tries = 0; tries < 6 && current?.id === id; tries += 1) {
    try {
      for await (const { event, data } of events("GET", `api/trainings/${encodeURIComponent(id)}/events`)) {
        if (current?.id !== id) return;
        tries = 0;
        complain($("training-problem"));
        if (event === "progress") progress(data);
        if (event === "state" && (await state(data))) return;
      }
    } catch (error) {
      if (current?.id !== id) return;
      if (error.status === 404 && current.state === null) return close(); // of an earlier server
      if (error.status) return fail(error);
    }
    complain($("training-problem"), new Problem(0, words("connecting-again")));
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
  }
  if (current?.id === id) fail(new Problem(0, words("server-gone")));
}

function begin(id) {
  const expected = numberIn(besides($("seconds"))) || 1;
  current = { id, state: null, latest: { elapsed: 0, left: expected } };
  chart.clear();
  $("chart").closest("figure").hidden = true; // until there is a loss to plot
  $("training-name").textContent = "";
  $("training-word").hidden = false;
  $("training-state").textContent = words("sent");
  $("snapshots").replaceChildren();
  $("training-time").value = 0;
  $("training").classList.remove("over");
  $("bench").append(document.querySelector(".output"));
  complain($("training-problem"));
  buttons(false);
}

function buttons(over) {
  $("training-stop").hidden = over || current.state === "queued";
  $("training-cancel").hidden = over;
  $("training-close").hidden = !over;
}

/** Whether it is over. */
async function state(training) {
  const before = current.state;
  current.state = training.state;
  $("training").hidden = false;
  $("training-name").textContent = training.name ?? "";
  const over = OVER.includes(training.state);
  const focused = $("training").contains(document.activeElement);
  buttons(over);
  if (training.progress) progress(training.progress);
  if (current.asked && before === null) keepInSight($("training"));
  const told = {
    queued: training.position > 0 ? words("n-before-it", { n: training.position }) : words("waiting"),
    running: words("training"),
    done: words("trained"),
    stopped: words("training-stopped"),
    failed: words("training-failed"),
    cancelled: words("training-cancelled"),
  }[training.state];
  $("training-state").textContent = told;
  if (before !== training.state || training.state === "queued") announce(told);
  if (!over) return false;
  if (focused) $("training-close").focus();
  keep("session", MINE, null);
  $("training-word").hidden = true;
  $("training-time").value = 1;
  if (training.problem) tell($("teach"), training.problem, $("training-problem"));
  call("DELETE", `api/corpora/${encodeURIComponent(training.corpus)}`).catch(() => {});
  if (training.model) {
    $("training").classList.add("over"); // its result is a line, with the names after it
    const output = document.querySelector(".output");
    if (!output.contains(document.activeElement)) $("training").after(output);
    forgetLearning();
    await refresh(training.model);
    tellResult(training.model);
    if (current?.asked) showResult();
  }
  return true;
}

/** The names stand beside the form, or after the result on a narrow screen: it goes up, if it is looked at. */
function showResult() {
  const { top, bottom } = $("training").getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) return;
  if (matchMedia("(min-width: 60rem)").matches) keepInSight($("training"));
  else bringIntoSight($("training-title"));
}

function tellResult(id) {
  const { kind, held_out: heldOut } = model(id);
  const unseen = kind === "names" ? "loss-of-names" : "loss-of-text";
  if (heldOut !== null) $("training-state").append(words(unseen, { loss: heldOut.toFixed(2) }));
  if (kind !== "names") $("training-state").append(". ", el("a", { href: "#text" }, words("write-with-it")));
}

/** Null means unknown: the last known value stays. */
function progress(told) {
  const now = Object.assign(current.latest, Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)));
  if (!OVER.includes(current.state)) current.stage = STAGES[told.stage];
  if (now.held_out !== undefined) {
    const appears = $("chart").closest("figure").hidden;
    $("chart").closest("figure").hidden = false;
    if (appears && current.asked) keepInSight($("training"));
    chart.add(now.elapsed, now.held_out, now.elapsed + now.left);
  }
  tellTime();
  if (told.samples?.length) snapshot(told);
}

/** The time as the server last told it; the bar never goes back. */
function tellTime() {
  if (current.state !== "running" && current.state !== null) return;
  const { elapsed, left, held_out: heldOut } = current.latest;
  const bar = $("training-time");
  bar.value = Math.max(bar.value, Math.min(elapsed / (elapsed + left || 1), 0.99));
  if (!current.stage) return;
  const loss = heldOut === undefined ? "" : words("and-loss", { loss: heldOut.toFixed(3) });
  const late = words("slower-than-planned", { n: Math.round(elapsed) });
  $("training-state").textContent = `${current.stage}${loss}: ${left > 0 ? words("n-seconds-left", { n: Math.ceil(left) }) : late}`;
}

/** Adds samples above the earlier ones. */
function snapshot({ elapsed, samples }) {
  const some = samples.slice(0, 5);
  if (some.join("\n") === current.samples) return;
  current.samples = some.join("\n");
  const names = some.flatMap((name, i) => [...(i ? [" · "] : []), el("bdi", {}, name)]);
  $("snapshots").prepend(el("li", {}, el("time", {}, words("s", { n: Math.round(elapsed) })), el("span", {}, ...names)));
  while ($("snapshots").children.length > SHOWN) $("snapshots").lastChild.remove();
}

function end(method, rest) {
  return async () => {
    try {
      await call(method, `api/trainings/${encodeURIComponent(current.id)}${rest}`);
    } catch (error) {
      complain($("training-problem"), error);
    }
  };
}

function fail(error) {
  $("training").hidden = false;
  buttons(true);
  complain($("training-problem"), error);
}

function close() {
  const focused = $("training").contains(document.activeElement);
  current = null;
  keep("session", MINE, null);
  $("training").hidden = true;
  if (!document.querySelector(".output").contains(document.activeElement)) $("bench").append(document.querySelector(".output"));
  if (focused) $("ask").querySelector(".primary").focus();
}
