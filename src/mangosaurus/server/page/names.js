// The names view: the constraints, and the names that satisfy them.

import { call, file, withoutOptions } from "./api.js";
import { $, announce, besides, bringIntoSight, busy, complain, copy, count, el, fileName, numberIn, plural, save } from "./dom.js";
import { isFavourite, open, startFavourites, toggle } from "./favourites.js";
import { showNames, tend } from "./list.js";
import { about, offer, refresh, selected } from "./models.js";

let running = null;
let shown = [];

export function startNames() {
  startFavourites();
  tend($("results"), toggle);
  offer($("names-model"), "names", changed);
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    generate();
  });
  for (const radio of $("ask").elements.how) radio.addEventListener("change", changeHow);
  $("ask-stop").addEventListener("click", () => running?.abort());
  $("results-copy").addEventListener("click", (event) => copy(shown.join("\n"), event.currentTarget, "Names"));
  $("results-save").addEventListener("click", () =>
    save(fileName(selected($("names-model")).name, "-names.txt"), shown.map((name) => `${name}\n`).join("")),
  );
  $("model-download").addEventListener("click", act(download));
  $("model-keep").addEventListener("click", act(keep));
  $("model-forget").addEventListener("click", act(forget));
}

/** Another model: it has its own labels and favourites. */
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
}

function offerActions(model) {
  for (const id of ["model-keep", "model-forget"]) $(id).hidden = model.source !== "trained";
}

function changeHow() {
  const random = $("ask").elements.how.value === "sample";
  for (const part of [$("temperature-pair"), $("seed-field")]) {
    part.hidden = !random;
    for (const input of part.querySelectorAll("input")) input.disabled = !random; // an invalid value in a hidden field would block the form
  }
}

function constraints() {
  const asked = { n: numberIn($("count")) };
  for (const name of ["prefix", "suffix", "without"]) if ($(name).value) asked[name] = $(name).value;
  const parts = $("contains").value.split(",").map((part) => part.trim()).filter(Boolean);
  if (parts.length) asked.contains = parts;
  if ($("pattern").value) asked.pattern = [$("pattern").value];
  asked.min_length = numberIn($("min-length"));
  asked.max_length = numberIn($("max-length"));
  if ($("label").value) asked.label = $("label").value;
  return asked;
}

export async function generate({ quietly = false } = {}) {
  const model = selected($("names-model"));
  if (!model) return;
  running?.abort();
  const mine = (running = new AbortController());
  const asked = constraints();
  const how = $("ask").elements.how.value;
  if (how === "top") asked.new = !$("known").checked;
  else {
    asked.allow_known = $("known").checked;
    asked.temperature = numberIn(besides($("temperature")));
    asked.seed = numberIn($("seed"));
  }
  complain($("ask-problem"));
  const over = busy($("results"));
  const slow = setTimeout(() => ($("ask-stop").hidden = false), 700);
  try {
    const path = `/api/models/${encodeURIComponent(model.id)}/${how}`;
    const answer = await call("POST", path, asked, { signal: mine.signal });
    show(answer, model, quietly);
    if (!quietly) bringIntoSight($("results-title"));
  } catch (error) {
    if (running === mine) complain($("ask-problem"), error);
  } finally {
    clearTimeout(slow);
    if (running === mine) {
      if (document.activeElement === $("ask-stop")) $("ask").querySelector(".primary").focus();
      $("ask-stop").hidden = true;
      over();
    }
  }
}

function show(answer, model, quietly) {
  const names = answer.samples ?? answer.names;
  shown = names.map((name) => name.text);
  showNames($("results"), names, { model: model.id, starred: isFavourite });
  $("results-title").textContent = plural(names.length, "name");
  $("results-actions").hidden = names.length === 0;
  $("results-empty").hidden = names.length > 0;
  $("results-empty").textContent = "No name was found. Loosen the constraints, or try again.";
  const remarks = (answer.remarks ?? [answer.summary]).map(withoutOptions);
  $("remarks").textContent = remarks.map((remark) => `${remark[0].toUpperCase()}${remark.slice(1)}.`).join(" ");
  if (!quietly) announce([plural(names.length, "name"), ...remarks].join(". "));
}

/** Runs a button's `work` on the chosen model; shows an error beside the form. */
function act(work) {
  return async () => {
    const model = selected($("names-model"));
    complain($("ask-problem"));
    try {
      await work(model, `/api/models/${encodeURIComponent(model.id)}`);
    } catch (error) {
      complain($("ask-problem"), error);
    }
  };
}

async function download(model, path) {
  save(fileName(model.name, ".safetensors"), await file(`${path}/file`));
}

async function keep(model, path) {
  const kept = await call("POST", `${path}/keep`);
  await refresh(kept.id);
  offerActions(selected($("names-model")));
  $("names-model").focus();
  announce(`${model.name} is kept on the server`);
}

async function forget(model, path) {
  await call("DELETE", path);
  await refresh();
  $("names-model").focus();
  announce(`${model.name} is removed`);
}
