// The page's model: the engine that runs it, and what programs may ask of it.

import { $ } from "../controls/dom.js";
import { Engine, addressOf, randomSeed, unpacked } from "../controls/worker_source.js";
import { words } from "../controls/words.js";

/** What is known of the model: formats/webpage.py. */
export const facts = JSON.parse($("facts").textContent);

/** The engine, once it has the model. */
export const engine = new Engine(
  () => addressOf($("engine").textContent),
  unpackedModel(),
  (first, answer) => new globalThis.mangosaurusDesk(first, answer), // where the browser makes no worker of a file
);

async function unpackedModel() {
  const packed = $("model");
  const bytes = await unpacked(packed.textContent);
  packed.remove();
  return { bytes };
}

/** Options in the engine's spelling: minLength is min_length. */
function spelledForEngine(options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      if (name.includes("_")) throw new RangeError(words("no-option", { name }));
      return [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value];
    }),
  );
}

// For programs: see docs/guides/one-html-file.md. The options are those of Python's Model.sample and Model.write, in
// JavaScript's spelling.
window.mangosaurus = Object.freeze({
  kind: facts.kind,
  labels: facts.labels,
  characters: ["", ...facts.characters],
  async sample(options = {}) {
    const seed = options.seed ?? Number(randomSeed());
    const { samples, ...told } = await engine.ask("sample", spelledForEngine({ ...options, seed }));
    return { ...told, names: samples.map(({ text }) => text), seed };
  },
  async write(options = {}) {
    const parts = [];
    const seed = options.seed ?? Number(randomSeed());
    const told = await engine.ask("write", { ...options, seed }, { hear: (part) => parts.push(...part) });
    return { text: parts.join(""), seed, ...told };
  },
  logProbabilities(text, options = {}) {
    return engine.ask("logProbabilities", { ...options, text });
  },
});
