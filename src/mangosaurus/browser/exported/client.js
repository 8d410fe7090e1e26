// The page's side of the engine: it unpacks the model, gives it to a worker and passes on what is asked and answered.

const facts = JSON.parse(document.getElementById("facts").textContent);

class Client {
  constructor() {
    this.calls = new Map();
    this.count = 0;
    this.send = this.begin();
    this.send.catch(() => {});  // who asks for something gets the error
  }

  // What sends a message to the engine, once it has the model.
  async begin() {
    const packed = document.getElementById("model");
    const bytes = await unpacked(packed.textContent.trim());
    packed.remove();
    const answer = (message) => this.hear(message);
    try {
      return await inWorker(bytes, answer);
    } catch {  // no worker here: the page does the work itself
      const desk = new globalThis.mangosaurusDesk({ bytes }, answer);
      return (message) => desk.take(message);
    }
  }

  hear({ id, part, result, refusal, parts, failure }) {
    const call = this.calls.get(id);
    if (part !== undefined) {
      call.hear(part);
      return;
    }
    this.calls.delete(id);
    if (refusal !== undefined) call.reject(Object.assign(new RangeError(parts.map(inScripts).join("")), { parts }));
    else if (failure !== undefined) call.reject(new Error(`this page failed: ${failure}`));
    else call.resolve(result);
  }

  // The answer to `call` of the engine; `hear` gets parts as they are found, and the signal ends it.
  async ask(call, options, hear = () => {}, signal = null) {
    const send = await this.send, id = ++this.count;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { hear, resolve, reject });
      signal?.addEventListener("abort", () => send({ id, stop: true }));
      send({ id, call, options });
    });
  }
}

// The engine's options have Python's names, and those of scripts have JavaScript's.
const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// A part of what the engine says, for who writes scripts.
function inScripts({ text, option, value = null }) {
  return text ?? camelCase(option) + (value === null ? "" : `: ${JSON.stringify(value)}`);
}

function spelledForEngine(options) {
  const [strange] = Object.keys(options).filter((name) => name.includes("_"));
  if (strange !== undefined) throw new RangeError(`there is no option '${strange}'; write ${camelCase(strange)}`);
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
}

async function unpacked(text) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser is too old for this page; one of 2023 or later runs it");
  }
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function inWorker(bytes, answer) {
  return new Promise((resolve, reject) => {
    const script = document.getElementById("engine").textContent;
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(address);
    worker.onerror = reject;
    worker.onmessage = ({ data }) => {
      if (data.broken !== undefined) {
        reject(new Error(data.broken));
        return;
      }
      URL.revokeObjectURL(address);
      worker.onmessage = (message) => answer(message.data);
      resolve((message) => worker.postMessage(message));
    };
    worker.postMessage({ bytes });
  });
}

const client = new Client();

// 32 random bits.
function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

// For programs: see docs/guides/one-html-file.md. The options are those of Python's Model.sample and Model.write, in
// JavaScript's spelling.
window.mangosaurus = Object.freeze({
  kind: facts.kind,
  labels: facts.labels,
  characters: ["", ...facts.characters],
  async sample(options = {}) {
    const seed = options.seed ?? randomSeed();
    const { samples, remark_parts: remarks, ...told } = await client.ask("sample", { ...spelledForEngine(options), seed });
    const names = samples.map(({ text }) => text);
    return { ...told, names, seed, remarks: remarks.map((parts) => parts.map(inScripts).join("")) };
  },
  async write(options = {}) {
    const parts = [], seed = options.seed ?? randomSeed();
    const told = await client.ask("write", { ...options, seed }, (part) => parts.push(...part));
    return { text: parts.join(""), seed, ...told };
  },
  logProbabilities(text, options = {}) {
    return client.ask("logProbabilities", { ...options, text });
  },
});
