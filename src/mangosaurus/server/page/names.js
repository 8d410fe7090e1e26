// The names view: the rules, the names that satisfy them, and more like those that are liked.

import { call, file, withoutOptions } from "./api.js";
import { $, announce, besides, bringIntoSight, busy, complain, copy, count, csvOf, el, fileName, linesOf, odds, plural, save, sentence } from "./dom.js";
import { markIn, markedIn, marks, open, startFavourites } from "./favourites.js";
import { clear, optionsOf, tell } from "./forms.js";
import { showMarks, showNames, tend } from "./list.js";
import { about, offer, refresh, selected } from "./models.js";

let running = null;
let shown = { model: null, names: [] }; // the names, and the model that made them

const chosen = () => selected($("names-model"));
const how = () => $("ask").elements.how.value;

export function startNames() {
  startFavourites(markResults);
  tend($("results"), (text, as) => markIn(shown.model.name, text, as));
  offer($("names-model"), "names", changed);
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    generate();
  });
  $("more-like").addEventListener("click", () => $("ask").reportValidity() && generate({ steered: true }));
  for (const radio of $("ask").elements.how) radio.addEventListener("change", changeHow);
  $("ask-stop").addEventListener("click", () => running?.abort());
  const texts = () => shown.names.map(({ text }) => text);
  $("results-copy").addEventListener("click", (event) => copy(texts().join("\n"), event.currentTarget, "Names"));
  $("results-save").addEventListener("click", () => save(fileName(shown.model.name, "-names.txt"), linesOf(texts())));
  $("results-csv").addEventListener("click", () => {
    const rows = shown.names.map(({ text, ...rest }) => ({ name: text, ...rest }));
    save(fileName(shown.model.name, "-names.csv"), csvOf(rows));
  });
  for (const [id, work] of Object.entries({ download, page, keep, forget })) $(`model-${id}`).addEventListener("click", act(work));
}

/** Another model: it has its own labels and favourites, and shows names at once. */
function changed(model) {
  $("names-about").textContent = about(model);
  $("model-actions").hidden = !model;
  if (!model) return;
  offerActions(model);
  const labels = Object.entries(model.labels ?? {});
  $("label-field").hidden = labels.length === 0;
  $("label").replaceChildren(
    el("option", { value: "", textContent: "any, as often as in the training list" }),
    ...labels.map(([label, names]) => el("option", { value: label, textContent: `${label} (${count(names)})` })),
  );
  open(model);
  generate({ quietly: true });
}

function offerActions(model) {
  for (const id of ["model-keep", "model-forget"]) $(id).hidden = model.source !== "trained";
}

/** What has no effect is hidden and disabled: an invalid value in a hidden field would block the form. */
function changeHow() {
  for (const part of $("ask").querySelectorAll("[data-not]")) {
    part.hidden = part.dataset.not === how();
    for (const input of part.querySelectorAll("input, select")) input.disabled = part.hidden;
  }
  $("count").dataset.option = how() === "best" ? "best" : "n";
}

/** Marks have changed: shows them at the names, and offers more like them. */
function markResults() {
  if (shown.model) showMarks($("results"), markedIn(shown.model.name));
  const { liked, disliked } = marks(chosen().name);
  $("steering").hidden = !liked.length && !disliked.length;
  $("more-like").textContent = liked.length ? `More like my ${plural(liked.length, "star")}` : "Fewer like those I dislike";
}

/** The request for names: what the form asks for; if `steered`, more like those that are liked, and fewer like others. */
function request(model, steered) {
  const asked = optionsOf($("ask"));
  asked[how() === "top" ? "new" : "allow_known"] = $("known").checked === (how() !== "top");
  if (!steered) return asked;
  const { liked, disliked } = marks(model.name);
  if (liked.length) asked.like = liked;
  if (disliked.length) asked.unlike = disliked;
  return { ...asked, strength: Number($("strength").value) };
}

async function generate({ quietly = false, steered = false } = {}) {
  const model = chosen();
  if (!model) return;
  running?.abort();
  const mine = (running = new AbortController());
  clear($("ask"));
  complain($("ask-problem"));
  const over = busy($("results"));
  const slow = setTimeout(() => ($("ask-stop").hidden = false), 700);
  try {
    const path = `api/models/${encodeURIComponent(model.id)}/${how() === "top" ? "top" : "sample"}`;
    const answer = await call("POST", path, request(model, steered), { signal: mine.signal });
    show(answer, model, { quietly, steered });
    if (!quietly) bringIntoSight($("results-title"));
  } catch (error) {
    if (running !== mine || error.name === "AbortError") return;
    tell($("ask"), error, $("ask-problem"));
    if (!quietly) $("ask").querySelector("[aria-invalid]")?.focus();
  } finally {
    clearTimeout(slow);
    if (running === mine) {
      if (document.activeElement === $("ask-stop")) $("ask").querySelector(".primary").focus();
      $("ask-stop").hidden = true;
      over();
    }
  }
}

function show(answer, model, { quietly, steered }) {
  const names = answer.samples ?? answer.best ?? answer.names;
  shown = { model, names };
  $("results").dataset.model = model.id;
  $("results").classList.toggle("explained", Boolean(answer.best));
  const rows = names.map((name) => ({ text: name.text, beside: name.probability && odds(name.probability), below: answer.best && why(name) }));
  showNames($("results"), rows, { model: model.id, marked: markedIn(model.name) });
  $("results-title").textContent = `${plural(names.length, "name")}${steered ? " like those you like" : ""}`;
  $("results-actions").hidden = names.length === 0;
  $("results-empty").hidden = names.length > 0;
  $("results-empty").textContent = "No name was found. Loosen the rules, or try again.";
  const remarks = (answer.remarks ?? [answer.summary]).map(withoutOptions);
  if (answer.best) remarks.push("the lower, the more typical, and the easier to say");
  $("remarks").textContent = remarks.map(sentence).join(" ");
  if (!quietly) announce([plural(names.length, "name"), ...remarks].join(". "));
}

/** Why a name is among the best, in words: what is known of it. */
function why({ nearest, edits, nats_per_symbol: typical, prior_nats_per_symbol: easy, length }) {
  const said = [nearest && `${plural(edits, "edit")} from ${nearest}`, `typical ${typical.toFixed(1)}`];
  if (easy) said.push(`easy to say ${easy.toFixed(1)}`);
  if (length) said.push(plural(length, "letter"));
  return said.filter(Boolean).join(" · ");
}

/** Runs a button's `work` on the chosen model; shows an error beside the form. */
function act(work) {
  return async () => {
    const model = chosen();
    complain($("ask-problem"));
    try {
      await work(model, `api/models/${encodeURIComponent(model.id)}`);
    } catch (error) {
      complain($("ask-problem"), error);
    }
  };
}

async function download(model, path) {
  save(fileName(model.name, ".safetensors"), await file(`${path}/file`));
}

async function page(model, path) {
  save(fileName(model.name, ".html"), await file(`${path}/page`));
}

async function keep(model, path) {
  const kept = await call("POST", `${path}/keep`);
  await refresh(kept.id);
  offerActions(chosen());
  $("names-model").focus();
  announce(`${model.name} is kept on the server`);
}

async function forget(model, path) {
  await call("DELETE", path);
  await refresh();
  $("names-model").focus();
  announce(`${model.name} is removed`);
}
