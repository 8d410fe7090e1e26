// What the page and programs ask for: names, texts, log-probabilities. It runs in a worker, so that the page stays
// quick, or where there is none on the page itself, a little at a time.

const LONGEST = 1000, MOST_NAMES = 1000, LONGEST_TEXT = 100_000, LONGEST_PROMPT = 10_000;

class Engine {
  // `bytes` are those of a model file, whose training record has what exchange/webpage.py put there.
  constructor(bytes) {
    const { header, arrays } = readFile(bytes);
    Object.assign(this, buildModel(header, arrays, new Memory()));
    this.about = { ...header.training, kind: header.kind };
    this.known = new Known(arrays.known.data);
    this.labels = this.rows ? this.rows.labels : [];
  }

  // The model of one label, or of several with weights as {elf: 0.6, dwarf: 0.4}; without one, of all of them.
  chosen(label) {
    if (label === undefined || label === null || label === "") return this.model;
    const asked = typeof label === "string" ? { [label]: 1 } : label, weights = this.labels.map(() => 0);
    for (const [name, weight] of Object.entries(asked)) {
      const place = this.labels.indexOf(name.normalize("NFC"));
      if (place < 0) throw new Refusal(`this model has no label “${name}”`);
      if (!(weight >= 0 && weight < Infinity)) throw new Refusal(`the weight of “${name}” is to be a number from 0 upwards`);
      weights[place] += weight;
    }
    const sum = weights.reduce((all, weight) => all + weight, 0);
    if (!sum) throw new Refusal("at least one label is to weigh more than 0");
    const labels = this.rows.labels.map((_, place) => place).filter((place) => weights[place]);
    return new LabelBlend(this.rows, labels, labels.map((place) => weights[place] / sum));
  }

  // Names; see README. A generator that yields them as they are found, [name, …] at a time.
  *sample({ count = 20, start = "", end = "", least = null, most = null, temperature = 1, seed, label } = {}) {
    if (this.about.kind !== "names") throw new Refusal("this model writes texts, not names");
    whole("how many", count, 1, MOST_NAMES);
    if (least !== null) whole("the shortest length", least, 0, LONGEST);
    if (most !== null) whole("the longest length", most, 1, LONGEST);
    if (least !== null && most !== null && least > most) {
      throw new Refusal(`no name has at least ${characters(least)} and at most ${most}`);
    }
    const model = this.chosen(label);
    const prefix = this.vocabulary.encode(start.normalize("NFC"));
    const suffix = this.vocabulary.encode(end.normalize("NFC"));
    if (Math.max(prefix.length, suffix.length) > LONGEST) {
      throw new Refusal(`beginnings and endings have at most ${characters(LONGEST)}`);
    }
    let automaton = null, needed = 0;
    if (suffix.length || least !== null) {
      automaton = new Automaton(prefix, suffix, Math.max(least, 1), this.vocabulary.size);
      needed = automaton.needed[automaton.start];
    }
    const longest = most ?? Math.max(this.about.longest, 2 * needed);
    if (longest < Math.max(needed, prefix.length)) {
      throw new Refusal(`the shortest name with this beginning and ending has ${characters(
        Math.max(needed, prefix.length))}, and at most ${longest} are asked for`);
    }
    const task = {
      model, prefix, longest, automaton, temperature: checkedTemperature(temperature), seed: checkedSeed(seed),
      begun: behind(model, prefix),
    };
    return yield* collect(task, count, this.vocabulary, this.known);
  }

  // A text that goes on from `prompt`, a character at a time: generation/writer.py.
  *write({ prompt = "", length = 400, temperature = 1, seed, until = "", label } = {}) {
    whole("the length", length, 1, LONGEST_TEXT);
    checkedTemperature(temperature);
    const read = (text) => text.replace(/\r\n?/g, "\n").normalize("NFC");
    const model = this.chosen(label), ids = this.vocabulary.encode(read(prompt));
    const stop = this.vocabulary.encode(read(until));
    const draws = new Draws(checkedSeed(seed), 0, 1), probability = new Float64Array(model.symbols), written = [];
    let state = model.start(1);
    for (const symbol of ids.slice(-LONGEST_PROMPT)) state = model.advance(state, [symbol]);
    for (let t = 0; t < length; t++) {
      draws.turn(t, [0]);
      const logProbs = model.logProbs(state);
      if (this.about.endless) logProbs[END] = -Infinity;
      const symbol = draw(probability, sharpened(logProbs, 0, temperature, probability), draws.of(0, t));
      if (symbol === END) return { drawn: t, reason: "ended" };
      yield [this.vocabulary.decode([symbol])];
      written.push(symbol);
      const tail = written.slice(-stop.length);
      if (stop.length && tail.length === stop.length && tail.every((each, place) => each === stop[place])) {
        return { drawn: t + 1, reason: "until" };
      }
      state = model.advance(state, [symbol]);
    }
    return { drawn: length, reason: "length" };
  }

  // log p of every symbol at each place of a text, its end included: a Float64Array for each, END first.
  logProbabilities(text, { label } = {}) {
    const model = this.chosen(label), ids = this.vocabulary.encode(text.normalize("NFC")), found = [];
    let state = model.start(1);
    for (let place = 0; ; place++) {
      found.push(model.logProbs(state));
      if (place === ids.length) return found;
      state = model.advance(state, [ids[place]]);
    }
  }
}

function whole(what, number, least, most) {
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Refusal(`${what} is to be a whole number from ${least} to ${most.toLocaleString("en")}`);
  }
}

function characters(count) {
  return count === 1 ? "1 character" : `${count} characters`;
}

function checkedTemperature(temperature) {
  if (typeof temperature === "number" && temperature >= 0 && temperature < Infinity) return temperature;
  throw new Refusal("the temperature is to be a number from 0 upwards");
}

// A seed may be a whole number, or a string of digits where it is beyond 2^53.
function checkedSeed(seed) {
  let read = -1n;
  if (/^\d{1,20}$/.test(String(seed).trim())) read = BigInt(String(seed).trim());
  if (read >= 0n && read <= LARGEST_SEED) return read;
  throw new Refusal(`the seed is to be a whole number from 0 to ${LARGEST_SEED}`);
}

// Carries out calls as they come: {id, call, options} is answered by {id, part} for each part of what is found, and at
// last by {id, result} or {id, refusal} or {id, failure}; {id, stop: true} ends one before its time.
class Desk {
  constructor(bytes, answer) {
    Object.assign(this, { answer, stopped: new Set(), running: new Set() });
    this.engine = new Engine(bytes);
  }

  async take({ id, call, options, stop }) {
    if (stop) {
      if (this.running.has(id)) this.stopped.add(id);
      return;
    }
    this.running.add(id);
    try {
      this.answer({ id, result: await this.carryOut(id, call, options) });
    } catch (error) {
      this.answer({ id, [error instanceof Refusal ? "refusal" : "failure"]: error.message });
    }
    this.running.delete(id);
    this.stopped.delete(id);
  }

  async carryOut(id, call, options) {
    if (call === "logProbabilities") return this.engine.logProbabilities(options.text, options);
    const parts = this.engine[call](options);
    for (let turn = performance.now(); ;) {
      const { value, done } = parts.next();
      if (done) return value;
      if (value.length) this.answer({ id, part: value });
      if (performance.now() - turn > 10) {
        await new Promise((resolve) => { setTimeout(resolve); });  // so that a stop, or the page, has its turn
        turn = performance.now();
      }
      if (this.stopped.has(id)) return { stopped: true };
    }
  }
}

// In the worker, the first message brings the model.
if (typeof document === "undefined" && typeof self !== "undefined") {
  let desk = null;
  self.onmessage = ({ data }) => {
    if (desk) {
      desk.take(data);
      return;
    }
    try {
      desk = new Desk(data.bytes, (answer) => self.postMessage(answer));
      self.postMessage({ ready: true });
    } catch (error) {
      self.postMessage({ broken: error.message });
    }
  };
} else {
  globalThis.mangosaurusDesk = Desk;
}
