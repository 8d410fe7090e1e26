// What the page and programs ask for: names, texts, log-probabilities. It runs in a worker, so that the page stays
// quick, or where there is none on the page itself, a little at a time.

const LONGEST_TEXT = 100_000, SHOWN = 200;

class Engine {
  // That of a model file, whose training record has what formats/webpage.py put there.
  static of(bytes) {
    const { header, arrays } = readFile(bytes), about = { ...header.training, kind: header.kind };
    return new Engine({ ...buildModel(header, arrays, new Memory()), about, known: new Known(arrays.known.data) });
  }

  // Of a vocabulary, a model (with labels, its `rows` too), what is known `about` it, and the `known` names; `names`
  // are those of its list, and `rude` the words that `clean` keeps out, which a page of its own has not.
  constructor(parts) {
    Object.assign(this, parts);
    const { composed } = this.about;
    this.composed = composed ? new Automaton(composedDfa(composed)) : null;
    this.labels = this.rows ? this.rows.labels : [];
  }

  // A text as the model's own were read: in NFC, and lower-cased if they were.
  asRead(text) {
    const { lowercased } = this.about;
    return (lowercased ? text.toLocaleLowerCase(lowercased === true ? "en" : lowercased) : text).normalize("NFC");
  }

  // The model of one label, or of several with weights as {elf: 0.6, dwarf: 0.4}; without one, of all of them.
  chosen(label) {
    if (label === undefined || label === null || label === "") return this.model;
    const asked = typeof label === "string" ? { [label]: 1 } : label, weights = this.labels.map(() => 0);
    for (const [name, weight] of Object.entries(asked)) {
      const place = this.labels.indexOf(name.normalize("NFC"));
      if (place < 0) throw new Refusal("no-such-label", { name });
      if (!(weight >= 0 && weight < Infinity)) throw new Refusal("no-weight", { name });
      weights[place] += weight;
    }
    const sum = weights.reduce((all, weight) => all + weight, 0);
    if (!sum) throw new Refusal("no-weight-above-zero");
    const labels = this.rows.labels.map((_, place) => place).filter((place) => weights[place]);
    return new LabelBlend(this.rows, labels, labels.map((place) => weights[place] / sum));
  }

  // How texts of constraints are read.
  get reading() {
    const { lowercased = false } = this.about;
    return {
      lowered: Boolean(lowercased),
      clean: Boolean(this.rude),
      text: (text) => this.asRead(text),
      pattern: (pattern) => (lowercased ? lowerPattern(pattern, lowercased) : pattern).normalize("NFC"),
    };
  }

  // Names, as HTTP answers: a generator that yields them as they are found, [{text}, …] at a time. See options.js.
  *sample(options = {}) {
    const found = yield* this.collected(options), { samples, wanted } = found;
    const answer = {
      samples: samples.map(({ text, nats, symbols }) => ({ text, nats_per_symbol: nats / (symbols.length + 1) })),
      asked: wanted.n, drawn: found.drawn, seed: String(wanted.seed),
    };
    if (found.probability !== null) {
      Object.assign(answer, { probability: found.probability, exact: found.exact, effective: found.effective });
    }
    if (wanted.keepsOut.length) answer.avoided = found.avoided;
    const remarks = found.remarks.map(partsOf);
    if (found.probability) remarks[0][0].share = found.begun ? "begun" : "all";  // pages say it in their own way
    return { ...answer, remark_parts: remarks };
  }

  // The same as `collect` finds them, with what was `wanted` and the `remarks`. With `choose`, how many of them are to be
  // chosen, fewer are enough where new names are rare.
  *collected(options = {}, choose = null) {
    const wanted = readOptions(options, this.reading), { vocabulary } = this;
    if (this.about.kind !== "names") throw new Refusal("writes-texts");
    const model = this.chosen(wanted.label), casing = yield* this.casingOf(wanted.case);
    const near = this.nearOf(wanted.not_like, casing), task = this.taskOf(model, wanted);
    const found = yield* collect(task, wanted.n, vocabulary, {
      known: wanted.allow_known ? null : this.known, repeated: !wanted.allow_duplicates, near, alike: wanted.diverse, casing,
    }, choose);
    const avoided = task.freer && found.exact ? found.avoided : null, begun = wanted.prefix.length > 0 && task.begins;
    const remarks = remarksOn({
      ...found, asked: wanted.n, names: found.samples.length, keepsOut: wanted.keepsOut, avoided,
      begun, usual: usualBeginning(model, wanted, vocabulary),
    });
    return { ...found, avoided, begun, wanted, remarks };
  }

  // What is drawn from `model` for what is `wanted`.
  taskOf(model, wanted) {
    const { vocabulary } = this, { temperature, top_k, top_p, min_p, seed } = wanted;
    const spaced = wanted.prefix.find((text) => text.startsWith(" "));
    if (spaced !== undefined) {
      throw new Refusal("spaces-around", { labels: labelOf("prefix", [spaced]) });
    }
    const words = beginningsOf(wanted, vocabulary), kept = this.keptFor(wanted, words), { automaton } = kept;
    const needed = automaton ? automaton.needed[automaton.start] : 0;
    const longest = wanted.max_length ?? Math.max(this.about.longest, 2 * needed);
    const short = words?.filter((word) => word.length <= longest);
    if (short && !short.length) {
      const shortest = vocabulary.counted(Math.min(...words.map((word) => word.length)));
      throw new Refusal("prefix-too-long", { shortest, longest: String(longest) });
    }
    const prefix = commonBeginning(short), tree = short?.length > 1 ? new Tree(model, short, temperature) : null;
    return {
      model, prefix, longest, tree, seed, temperature, top_k, top_p, min_p, automaton, freer: kept.freer,
      begun: stateAfter(model, prefix), refusing: automaton ?? this.composed, begins: words !== null,
      nats: prefix.length ? -wordScores(model, [prefix])[0] : 0,
      remembered: (build) => (kept.guide ??= build()),
    };
  }

  // The automaton and the guide to the same constraints again are the same.
  keptFor(wanted, words) {
    const constraints = JSON.stringify({ ...wanted, n: 0, seed: 0 });
    if (this.guide?.constraints === constraints) return this.guide;
    let automaton = null, freer = null;
    if (words === null || needAutomaton(wanted)) {
      const clean = wanted.clean ? this.clean() : null;
      const compiled = (changed) => (
        compileConstraints({ ...wanted, clean, max_length: undefined, ...changed }, this.vocabulary, this.composed));
      automaton = compiled({});
      const { max_length: most } = wanted;
      if (most !== undefined && most < Math.max(automaton.needed[automaton.start], 1)) compiled({ max_length: most });  // says why
      if (wanted.keepsOut.length) freer = compiled({ avoid: [], avoid_parts: false, exact: false, clean: null });
    }
    this.guide = { constraints, automaton, freer };
    return this.guide;
  }

  // Names without rude words: it takes a while, and is kept.
  clean() {
    return (this.free ??= freeOfRudeWords(this.rude, this.vocabulary));
  }

  // In which case names are written; null leaves them as they are drawn.
  *casingOf(asked) {
    if (asked === undefined) return null;
    const { language = false, lowercased } = this.about;
    let { case: shape = null } = this.about;
    if (asked !== "list") return new Casing(asked, language);
    if (!shape && lowercased) {
      throw new Refusal("no-case-before");
    }
    if (!shape) {
      const task = {
        model: this.model, prefix: [], longest: 50, temperature: 1, seed: 0n, begun: this.model.start(1), refusing: this.composed,
      };
      const drawn = yield* silently(collect(task, SHOWN, this.vocabulary, {}));
      shape = shapeOfNames(drawn.samples.map(({ document }) => document), language);
    }
    if (!shape) throw new Refusal("no-one-case");
    return new Casing(shape, language);
  }

  // Whether a name is too similar to one of the training list, perhaps in another case.
  nearOf(edits, casing) {
    if (edits === undefined) return null;
    if (!this.names) throw new Refusal("only-hashes");
    const cut = (text) => this.vocabulary.split(text);
    if (!casing) return near(this.names, edits, cut);
    const isNear = near(this.names.map((name) => smallLetters(name)), edits, cut);
    return (name) => isNear(smallLetters(name));
  }

  // A text that goes on from `prompt`, a character at a time: generation/writer.py.
  *write({ prompt = "", length = 400, temperature = 1, seed, until = "", fold = false, label, ...others } = {}) {
    noOthers(others, "prompt, length, temperature, seed, until, fold, label");
    whole("the-length", length, 1, LONGEST_TEXT);
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
  if (name !== undefined) throw new Refusal("no-such-option", { name: `“${name}”`, options });
}

function whole(what, number, least, most) {
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Refusal("must-be-whole-within", { what: say(what), least, most });
  }
}

// What a generator returns, without what it yields on the way.
function* silently(generator) {
  for (;;) {
    const { value, done } = generator.next();
    if (done) return value;
    yield [];
  }
}

// A regular expression with its letters in lower case; what follows a backslash stays, and so do names.
function lowerPattern(pattern, language) {
  return pattern.replace(/(\\(?:N\{[^}]*\}|.)|\(\?P?[<=][^>)]*|\(\?[A-Za-z-]+)|([^\\(]+|\()/gsu,
    (_, kept, rest) => kept ?? lower(rest, language));
}

// Carries out calls as they come: {id, call, options} is answered by {id, part} for each part of what is found, and at
// last by {id, result} or {id, refusal, parts} or {id, failure}; {id, stop: true} ends one before its time.
class Desk {
  // What comes first is {bytes} of a model file, or {prior, rude}, with which lists are learnt; and the `language`.
  constructor({ bytes, prior, rude, language = "en" }, answer) {
    speak(language);
    Object.assign(this, { answer, stopped: new Set(), running: new Set() });
    this.engine = prior ? new Learner(prior, rude) : Engine.of(bytes);
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
      if (error instanceof Refusal) this.answer({ id, refusal: error.message, parts: error.parts });
      else this.answer({ id, failure: error.message });
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
