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

// The engine's options have Python's names, and those of programs have JavaScript's.
const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A part of what the engine says, for who writes programs. */
function inPrograms({ text, option, value = null }) {
  return text ?? camelCase(option) + (value === null ? "" : `: ${JSON.stringify(value)}`);
}

/** The engine's answer to options in JavaScript's spelling; errors are spelled so too. */
async function answerTo(call, options, hear) {
  const strange = Object.keys(options).find((name) => name.includes("_"));
  if (strange !== undefined) throw new RangeError(words("no-option", { name: strange, right: camelCase(strange) }));
  const spelled = Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
  try {
    return await engine.ask(call, spelled, { hear });
  } catch (error) {
    throw error.parts ? new RangeError(error.parts.map(inPrograms).join("")) : error;
  }
}

// For programs: see docs/guides/one-html-file.md. The options are those of Python's Model.sample and Model.write, in
// JavaScript's spelling.
window.mangosaurus = Object.freeze({
  kind: facts.kind,
  labels: facts.labels,
  characters: ["", ...facts.characters],
  async sample(options = {}) {
    const seed = options.seed ?? Number(randomSeed());
    const { samples, remark_parts: remarks, ...told } = await answerTo("sample", { ...options, seed });
    const names = samples.map(({ text }) => text);
    return { ...told, names, seed, remarks: remarks.map((parts) => parts.map(inPrograms).join("")) };
  },
  async write(options = {}) {
    const parts = [];
    const seed = options.seed ?? Number(randomSeed());
    const told = await answerTo("write", { ...options, seed }, (part) => parts.push(...part));
    return { text: parts.join(""), seed, ...told };
  },
  logProbabilities(text, options = {}) {
    return answerTo("logProbabilities", { ...options, text });
  },
});
