// The engine in a worker, as a source of names for names.js: nothing leaves the page.

import { language, words } from "./words.js";

/** Starts an engine and passes on what it is asked and answers. Where there is no worker, the page does the work itself. */
export class Engine {
  #calls = new Map();
  #count = 0;
  #send;

  /**
   * `scriptOf()` is the address of the engine's script; `first` is what it gets first, {bytes} or {prior}, or a promise
   * of it. `here(first, answer)` makes a desk on the page itself, if that can be.
   */
  constructor(scriptOf, first, here = null) {
    const answer = (message) => this.#hear(message);
    this.#send = Promise.resolve(first).then(async (given) => {
      const begin = { ...given, language };
      try {
        return await inWorker(scriptOf(), begin, answer);
      } catch (error) {
        if (!here) throw error;
        const desk = here(begin, answer);
        return (message) => desk.take(message);
      }
    });
    this.#send.catch(() => {}); // who asks for something gets the error
  }

  #hear({ id, part, result, refusal, parts, failure }) {
    const asked = this.#calls.get(id);
    if (part !== undefined) {
      asked?.hear(part);
      return;
    }
    this.#calls.delete(id);
    if (refusal !== undefined) asked?.reject(Object.assign(new RangeError(refusal), { parts }));
    else if (failure !== undefined) asked?.reject(new Error(words("page-failed", { why: failure })));
    else asked?.resolve(result);
  }

  /** The engine's answer to `call`. `hear` gets parts as they are found; the signal ends it before its time. */
  async ask(call, options, { hear = () => {}, signal = null } = {}) {
    const send = await this.#send;
    const id = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { hear, resolve, reject });
      signal?.addEventListener("abort", () => send({ id, stop: true }));
      send({ id, call, options });
      if (signal?.aborted) send({ id, stop: true });
    });
  }
}

function inWorker(address, first, answer) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(address);
    worker.onerror = (event) => reject(new Error(event.message || words("no-worker")));
    worker.onmessage = ({ data }) => {
      if (data.broken !== undefined) return reject(new Error(data.broken));
      worker.onmessage = (message) => answer(message.data);
      resolve((message) => worker.postMessage(message));
    };
    worker.postMessage(first);
  });
}

/** The address of a script that is text on the page. */
export const addressOf = (script) => URL.createObjectURL(new Blob([script], { type: "text/javascript" }));

/** The bytes of base64 text that was compressed with zlib. */
export async function unpacked(text) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error(words("browser-too-old"));
  }
  const packed = atob(text.trim()), bytes = new Uint8Array(packed.length);
  // Uint8Array.from would call a function for every byte.
  for (let place = 0; place < packed.length; place += 1) bytes[place] = packed.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The names of an engine's models, as a source. A model without an id is the only one; an id may be a promise. Stopping
 * keeps what is found.
 */
export function workerSource(engine, can) {
  return {
    can,
    async sample({ id }, asked, { signal, hear }) {
      const found = [];
      const listen = (part) => {
        found.push(...part);
        hear?.(part);
      };
      const request = { seed: randomSeed(), ...asked, ...(id && { model: await id }) };
      const answer = await engine.ask("sample", request, { hear: listen, signal });
      if (!answer.stopped) return answer;
      return { samples: found, remark_parts: [[{ text: words("stopped") }]], ...answer };
    },
  };
}

/** 32 random bits, as text: a seed that is typed may be too large for a number. */
export function randomSeed() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}
