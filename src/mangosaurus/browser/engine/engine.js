// What the page and programs ask for: names, texts, log-probabilities. It runs in a worker, so that the page stays
// quick, or where there is none on the page itself, a little at a time.

const LONGEST = 1000, MOST_NAMES = 1000, LONGEST_TEXT = 100_000;

class Engine {
  // That of a model file, whose training record has what formats/webpage.py put there.
  static of(bytes) {
    const { header, arrays } = readFile(bytes), about = { ...header.training, kind: header.kind };
    return new Engine({ ...buildModel(header, arrays, new Memory()), about, known: new Known(arrays.known.data) });
  }

  // Of a vocabulary, a model (with labels, its `rows` too), what is known `about` it, and the `known` names.
  constructor(parts) {
    Object.assign(this, parts);
    const { composed } = this.about, { size } = this.vocabulary;
    this.composed = composed ? new Automaton([], [], 0, size, composed) : null;
    this.labels = this.rows ? this.rows.labels : [];
  }

  // A text as the model's own were read: in NFC, and lower-cased if they were.
  asRead(text) {
    const { lowercased } = this.about;
    return (lowercased ? text.toLocaleLowerCase(lowercased === true ? "en" : lowercased) : text).normalize("NFC");
  }

  counted(count) {
    return `${count} ${this.vocabulary.unit}${count === 1 ? "" : "s"}`;
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

  // Names; see docs/guides/one-html-file.md. A generator that yields them as they are found, [name, …] at a time.
  *sample({ n = 20, prefix = "", suffix = "", minLength, maxLength, temperature = 1, seed, label, ...others } = {}) {
    noOthers(others, "n, prefix, suffix, minLength, maxLength, temperature, seed, label");
    if (this.about.kind !== "names") throw new Refusal("this model writes texts, not names");
    whole("the number of names", n, 1, MOST_NAMES);
    const [least, most] = [minLength ?? null, maxLength ?? null];
    if (least !== null) whole("the shortest length", least, 0, LONGEST);
    if (most !== null) whole("the longest length", most, 1, LONGEST);
    if (least !== null && most !== null && least > most) {
      throw new Refusal(`no name has ${this.counted(least)} or more and at most ${most}`);
    }
    const model = this.chosen(label);
    const [given, ending] = [prefix, suffix].map((text) => this.vocabulary.encode(this.asRead(text)));
    if (Math.max(given.length, ending.length) > LONGEST) {
      throw new Refusal(`beginnings and endings have at most ${this.counted(LONGEST)}`);
    }
    let automaton = null, needed = given.length;
    if (ending.length || least !== null) {
      automaton = new Automaton(given, ending, Math.max(least, 1), this.vocabulary.size, this.about.composed);
      needed = automaton.needed[automaton.start];
    }
    if (most !== null && needed > most) {
      const why = ending.length ? "beginning and ending" : "beginning";
      throw new Refusal(`the shortest name with this ${why} has ${this.counted(needed)}, and at most ${most} are asked for`);
    }
    const longest = most ?? Math.max(this.about.longest, automaton ? 2 * needed : 0);
    if (needed > longest) throw new Refusal(`this beginning is too long: names have at most ${this.counted(longest)}`);
    const task = {
      model, prefix: given, longest, automaton, temperature: checkedTemperature(temperature), seed: checkedSeed(seed),
      begun: stateAfter(model, given), refusing: automaton ?? this.composed,
      remembered: (build) => this.guideOf(JSON.stringify([label, given, ending, least, longest, temperature]), build),
    };
    return yield* collect(task, n, this.vocabulary, this.known);
  }

  // The guide to the same constraints again is the same.
  guideOf(constraints, build) {
    if (this.guide?.constraints !== constraints) this.guide = { constraints, built: build() };
    return this.guide.built;
  }

  // A text that goes on from `prompt`, a character at a time: generation/writer.py.
  *write({ prompt = "", length = 400, temperature = 1, seed, until = "", fold = false, label, ...others } = {}) {
    noOthers(others, "prompt, length, temperature, seed, until, fold, label");
    whole("the length", length, 1, LONGEST_TEXT);
    checkedTemperature(temperature);
    const [ids, stop] = [prompt, until].map((text) => {
      const read = this.asRead(text.replace(/\r\n?/g, "\n"));
      return this.vocabulary.encode(fold ? foldingSymbols(read, this.vocabulary) : read);
    });
    const model = this.chosen(label);
    const draws = new Draws(checkedSeed(seed), 0, 1), probability = new Float64Array(model.symbols), written = [];
    let before = ids.length ? this.vocabulary.characters[ids.at(-1) - 1] : "";
    if (prompt.endsWith(this.vocabulary.separator)) before = "";
    let state = stateAfter(model, ids.slice(-LONGEST_PROMPT)), formed = this.composed?.afterText(ids.slice(-LONGEST_PROMPT));
    for (let t = 0; t < length; t++) {
      draws.turn(t, [0]);
      const logProbs = model.logProbs(state);
      if (this.about.endless) logProbs[END] = -Infinity;
      for (let symbol = 1; this.composed && symbol < model.symbols; symbol++) {
        if (this.composed.step(formed, symbol) === DEAD) logProbs[symbol] = -Infinity;
      }
      const symbol = draw(probability, sharpened(logProbs, 0, temperature, probability), draws.of(0, t));
      if (symbol === END) return { drawn: t, reason: "ended" };
      const said = this.vocabulary.characters[symbol - 1];
      yield [this.vocabulary.between(before, said) + said];
      before = said;
      written.push(symbol);
      const tail = written.slice(-stop.length);
      if (stop.length && tail.length === stop.length && tail.every((each, place) => each === stop[place])) {
        return { drawn: t + 1, reason: "until" };
      }
      formed = this.composed?.step(formed, symbol);
      state = model.advance(state, [symbol]);
    }
    return { drawn: length, reason: "length" };
  }

  // log p of every symbol at each place of a text, its end included: a Float64Array for each, END first.
  logProbabilities({ text, label, ...others }) {
    noOthers(others, "label");
    const model = this.chosen(label), ids = this.vocabulary.encode(this.asRead(text)), found = [];
    let state = model.start(1);
    for (let place = 0; ; place++) {
      found.push(model.logProbs(state));
      if (place === ids.length) return found;
      state = model.advance(state, [ids[place]]);
    }
  }
}

// Refuses options that there are not, whose names are left when those of `options` are taken.
function noOthers(others, options) {
  const [name] = Object.keys(others);
  if (name !== undefined) throw new Refusal(`there is no option “${name}”; the options are ${options}`);
}

function whole(what, number, least, most) {
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Refusal(`${what} is to be a whole number from ${least} to ${most.toLocaleString("en")}`);
  }
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
  // What comes first is {bytes} of a model file, or {prior}, with which lists are learnt.
  constructor({ bytes, prior }, answer) {
    Object.assign(this, { answer, stopped: new Set(), running: new Set() });
    this.engine = prior ? new Learner(prior) : Engine.of(bytes);
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
      const { message, parts } = error;
      this.answer({ id, [error instanceof Refusal ? "refusal" : "failure"]: message, ...(parts && { parts }) });
    }
    this.running.delete(id);
    this.stopped.delete(id);
  }

  async carryOut(id, call, options) {
    const parts = this.engine[call](options);
    if (typeof parts?.next !== "function") return parts;
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
      desk = new Desk(data, (answer) => self.postMessage(answer));
      self.postMessage({ ready: true });
    } catch (error) {
      self.postMessage({ broken: error.message });
    }
  };
} else {
  globalThis.mangosaurusDesk = Desk;
}
