// Names at once: a list that is pasted is learnt here, in the browser, while the server has not trained on it yet.

import { fileName, save } from "../controls/dom.js";
import { Engine, workerSource } from "../controls/worker_source.js";

const LARGEST = 3_000_000; // bytes of a list that is learnt here
const HERE = "here-"; // before the ids of models that are here, which the server knows nothing of

let engine = null; // begun with the first list
let learning = null;

const can = { best: true, steer: true, clean: false };

async function bytesOf(name) {
  const answer = await fetch(`page/${name}`);
  if (!answer.ok) throw new Error(answer.statusText);
  return new Uint8Array(await answer.arrayBuffer());
}

async function dataOfEngine() {
  const [prior, rude] = await Promise.all([bytesOf("prior"), bytesOf("rude")]);
  can.clean = rude.length > 0; // the server may have no rude words
  return { prior, rude: can.clean ? rude : null };
}

const source = () => workerSource(engine, can);

/** What the models that are here answer. */
export const browserSource = {
  can,
  sample: ({ id }, ...rest) => source().sample({ id: id.slice(HERE.length) }, ...rest),
};

/** Begins to fetch what lists are learnt with. */
export function beginEngine() {
  engine ??= new Engine(() => "page/engine.js", dataOfEngine());
}

/**
 * The model of a list of names, text or a file, with HTTP's options of reading; in the shape of HTTP's models. It is
 * called what `nameOf` says of what is read, as HTTP's /api/preview says it. Null if
 * it cannot be had here, or is not wanted any more: then everything goes on without it.
 */
export async function learnAtOnce(list, options, nameOf) {
  learning?.abort();
  const mine = (learning = new AbortController());
  const { signal } = mine;
  try {
    if ((list.size ?? list.length) > LARGEST) return null;
    beginEngine();
    const given = typeof list === "string" ? { text: list } : { bytes: new Uint8Array(await list.arrayBuffer()), name: list.name };
    const read = await engine.ask("read", { ...given, options }, { signal });
    if (learning !== mine || read.problem || read.corpus?.kind !== "names") return null;
    const { names, labels, weights, lowercased, written } = read;
    const called = nameOf(read.corpus);
    const model = await engine.ask("learn", { names, labels, weights, lowercased, written, called }, { signal });
    return learning === mine && !model.stopped ? { ...model, id: HERE + model.id, name: called, source: "here" } : null;
  } catch {
    return null; // the server does all of it
  }
}

/** No model of the last list is wanted any more. */
export function forgetLearning() {
  learning?.abort();
  learning = null;
}

/** Saves a model that is here as a file that Python opens. */
export async function saveHere({ id, name }) {
  const bytes = await engine.ask("file", { model: id.slice(HERE.length) });
  save(fileName(name, ".safetensors"), new Blob([bytes]));
}
