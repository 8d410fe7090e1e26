// The models that the server has: one list for all views, and the selects that show it.

import { call } from "./api.js";
import { el } from "../controls/dom.js";
import { keep, read } from "../controls/store.js";
import { words } from "../controls/words.js";

const SOURCES = { here: words("learnt-here"), trained: words("trained-here"), given: words("from-files"), kept: words("kept"), bundled: words("bundled") };
const CHOSEN = "mangosaurus.model.";
const shown = [];
let models = [];
let here = null; // the model of the list that is pasted, which the server has not

/** Fills `select` with the models of a kind (of any, if null) now and whenever they change. */
export function offer(select, kind, changed) {
  const entry = { select, kind, changed, id: null, kept: null };
  entry.kept = read("session", CHOSEN + select.id); // before a reload
  shown.push(entry);
  select.addEventListener("change", () => {
    entry.id = select.value;
    keep("session", CHOSEN + select.id, entry.id);
    changed(selected(select));
  });
}

const all = () => (here ? [here, ...models] : models);
export const model = (id) => all().find((one) => one.id === id);
export const named = (name) => models.find((one) => one.name === name);
export const selected = (select) => model(select.value);

/** Gets the models again, and chooses the model `id` in every select that offers it. */
export async function refresh(id = null) {
  models = (await call("GET", "api/models")).models;
  here = null; // the server's are better
  for (const entry of shown) fill(entry, id);
}

/** Offers and chooses a model of names that is here in the browser; null takes the one before back. */
export function offerHere(made) {
  const before = here?.id;
  here = made;
  for (const entry of shown) {
    if (entry.kind !== "names" || (!made && !before)) continue;
    fill(entry, made?.id ?? null);
  }
}

export function choose(select, id) {
  if (!models.some((model) => model.id === id)) return;
  select.value = id;
  select.dispatchEvent(new Event("change"));
}

function fill(entry, id) {
  const fitting = all().filter((model) => entry.kind === null ? model !== here : model.kind === entry.kind);
  const groups = Object.entries(SOURCES).flatMap(([source, label]) => {
    const options = fitting.filter((model) => model.source === source).map((model) => option(model, fitting));
    return options.length ? [el("optgroup", { label }, ...options)] : [];
  });
  const none = el("option", { value: "", textContent: words("no-model-yet") });
  entry.select.replaceChildren(...(groups.length ? groups : [none]));
  const wanted = [id, entry.id, entry.kept].find((one) => fitting.some((model) => model.id === one));
  entry.select.value = wanted ?? fitting[0]?.id ?? "";
  if (entry.select.value !== entry.id) {
    entry.id = entry.select.value;
    if (models.length && entry.id !== here?.id) keep("session", CHOSEN + entry.select.id, entry.id);
    entry.changed(selected(entry.select));
  }
}

/** Models of the same name are told apart by what they are trained on, and by their number. */
function option(model, fitting) {
  const alike = fitting.filter(({ name }) => name === model.name);
  const which = ` – ${trainedOn(model)}; ${words("number-n", { n: alike.indexOf(model) + 1 })}`;
  return el("option", { value: model.id, textContent: alike.length > 1 ? model.name + which : model.name });
}

/** What a model is, in a line. */
export function about(model) {
  if (!model) return "";
  return words("trained-on", { what: trainedOn(model) });
}

function trainedOn(model) {
  const list = words(model.kind === "names" ? "n-names" : "n-texts", { n: model.documents });
  const symbols = words("n-units", { n: (model.symbols ?? [...model.characters]).length, unit: model.unit });
  const loss = model.held_out === null ? "" : words("loss-held-out", { loss: model.held_out.toFixed(2) });
  return `${list}, ${symbols}${loss}`;
}
