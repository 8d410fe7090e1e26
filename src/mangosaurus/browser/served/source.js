// The server as a source of names, for controls/names.js, and what one may do with a model that it has.

import { call, file } from "./api.js";
import { $, complain, fileName, save } from "../controls/dom.js";
import { saveHere } from "./at_once.js";
import { refresh, selected } from "./models.js";
import { words } from "../controls/words.js";

const pathOf = ({ id }) => `api/models/${encodeURIComponent(id)}`;

export const server = {
  can: { best: true, top: true, steer: true, clean: true, look: true },
  sample: async (model, asked, { signal }) => call("POST", `${pathOf(model)}/sample`, withSeed(asked), { signal }),
  top: (model, asked, { signal }) => call("POST", `${pathOf(model)}/top`, asked, { signal }),
};

/** The seed that is typed as a number, which JSON has for it. */
function withSeed({ seed, ...asked }) {
  if (seed === undefined) return asked;
  if (Number.isSafeInteger(Number(seed))) return { ...asked, seed: Number(seed) };
  throw Object.assign(new RangeError(), { parts: [{ option: "seed" }, { text: words("seed-too-large") }] });
}

const chosen = () => selected($("names-model"));

export function startActions() {
  for (const [id, work] of Object.entries({ download, page, keep: keepIt, forget })) $(`model-${id}`).addEventListener("click", act(work));
}

/** Offers what can be done with a model; there may be none. */
export function offerActions(model) {
  $("model-told").textContent = "";
  $("model-actions").hidden = !model;
  for (const id of ["model-keep", "model-forget"]) $(id).hidden = model?.source !== "trained";
  $("model-page").hidden = model?.source === "here";
}

/** Runs a button's `work` on the chosen model; shows an error beside the form. */
function act(work) {
  return async () => {
    const model = chosen();
    complain($("ask-problem"));
    $("model-told").textContent = "";
    try {
      await work(model, pathOf(model));
    } catch (error) {
      complain($("ask-problem"), error);
    }
  };
}

async function download(model, path) {
  if (model.source === "here") await saveHere(model);
  else save(fileName(model.name, ".safetensors"), await file(`${path}/file`));
}

async function page(model, path) {
  save(fileName(model.name, ".html"), await file(`${path}/page`));
}

async function keepIt(model, path) {
  const kept = await call("POST", `${path}/keep`);
  await refresh(kept.id);
  offerActions(chosen());
  $("names-model").focus();
  $("model-told").textContent = words("is-kept", { name: model.name });
}

async function forget(model, path) {
  if (!confirm(words("remove-for-good", { name: model.name }))) return;
  await call("DELETE", path);
  await refresh();
  $("names-model").focus();
  $("model-told").textContent = words("is-removed", { name: model.name });
}
