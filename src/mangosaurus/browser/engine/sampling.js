// Drawing names: generation/sampler.py, conditional.py and collect.py. Sample i of a seed is the same in all of them.

const SOME = 32, MANY = 128;  // rows computed at once: few at first, so that something is seen soon
const TRIAL_ENDS = [];  // of Python's first blocks
for (let end = 0, size = FIRST_BLOCK; TRIAL_ENDS.length < TRIAL_BLOCKS; size = Math.min(4 * size, LARGEST_BLOCK)) {
  TRIAL_ENDS.push(end += size);
}
const TRIAL = TRIAL_ENDS.at(-1);

// Probabilities to draw from, not yet scaled, of the row of `logProbs` at `first`, into `into`; returns their sum.
// `cuts` may have top_k, top_p and min_p.
function sharpened(logProbs, first, temperature, into, cuts = {}) {
  const symbols = into.length;
  let top = first, sum = 0;
  for (let place = first + 1; place < first + symbols; place++) if (logProbs[place] > logProbs[top]) top = place;
  if (temperature === 0) {
    into.fill(0);
    into[top - first] = 1;
    return 1;
  }
  const highest = logProbs[top];
  for (let symbol = 0; symbol < symbols; symbol++) {
    const logit = logProbs[first + symbol];
    into[symbol] = Math.exp(temperature === 1 ? logit : (logit - highest) / temperature);
    sum += into[symbol];
  }
  const { top_k: most, top_p: mass, min_p: least } = cuts;
  return most === undefined && mass === undefined && !least ? sum : cut(into, most, mass, least);
}

// Sets to 0 what top_k, top_p and min_p leave out; returns the sum of the rest.
function cut(probability, most = Infinity, mass = 1, least = 0) {
  const ranked = () => Array.from(probability.keys()).sort((one, other) => probability[other] - probability[one]);
  if (most < probability.length) for (const symbol of ranked().slice(most)) probability[symbol] = 0;
  if (mass < 1) {
    const bound = mass * probability.reduce((sum, each) => sum + each, 0);
    let before = 0;
    for (const symbol of ranked()) {
      const mine = probability[symbol];
      if (before >= bound) probability[symbol] = 0;
      before += mine;
    }
  }
  if (least) {
    const bound = least * probability.reduce((top, each) => Math.max(top, each), 0);
    for (let symbol = 0; symbol < probability.length; symbol++) if (probability[symbol] < bound) probability[symbol] = 0;
  }
  return probability.reduce((sum, each) => sum + each, 0);
}

// One symbol by inverting the distribution function; where `sum` is not known, it is null.
function draw(probability, sum, uniform) {
  const bound = uniform * (sum ?? probability.reduce((all, each) => all + each, 0));
  let cumulated = 0, symbol = 0;
  for (; symbol < probability.length - 1; symbol++) {
    cumulated += probability[symbol];
    if (cumulated > bound) break;
  }
  return symbol;
}

// The states of rows that begin alike, each computed once: most names share their first letters with others.
class SharedStates {
  // `begun` is the state of one row, with which all `count` begin. `at` has the place of each row's state.
  constructor(model, begun, count) {
    Object.assign(this, { model, state: begun, at: new Array(count).fill(0) });
  }

  // log p of the next symbol for each state, (states, symbols).
  logProbs() {
    return this.model.logProbs(this.state);
  }

  // The rows at the places `staying` read their symbols; the others go.
  advance(staying, symbols) {
    const numbers = new Map(), rows = [], read = [];
    this.at = staying.map((place, row) => {
      const key = this.at[place] * this.model.symbols + symbols[row];
      if (!numbers.has(key)) {
        numbers.set(key, rows.push(this.at[place]) - 1);
        read.push(symbols[row]);
      }
      return numbers.get(key);
    });
    this.state = this.model.advance(select(this.state, rows), read);
  }
}

// Samples `first` to `first + count` - 1, each {symbols, finished, dropped, avoided, weight, nats}: `nats` is what the model
// loses on it. With an automaton `refusing`, those are dropped that can no longer be accepted, or not within the greatest
// length; `avoided`, if the automaton `freer`, without the names to avoid, would still accept them. A `tree` has what may
// follow the prefix at first.
function sampleRows(task, first, count) {
  const { model, prefix, longest, temperature, refusing, freer = null, tree = null } = task, { symbols } = model;
  const found = Array.from({ length: count }, () => (
    { symbols: prefix.slice(), finished: false, dropped: false, avoided: false, weight: 1, nats: task.nats ?? 0 }));
  const draws = new Draws(task.seed, first, count), probability = new Float64Array(symbols);
  const shared = new SharedStates(model, task.begun, count);
  let rows = found.map((_, row) => row);
  let places = rows.map(() => (refusing ? refusing.after(prefix) : 0));
  let spared = rows.map(() => (freer ? freer.after(prefix) : 0)), nodes = rows.map(() => (tree ? 0 : OUTSIDE));
  for (let t = prefix.length; t <= longest && rows.length; t++) {
    draws.turn(t - prefix.length, rows);
    const logProbs = shared.logProbs(), left = Math.max(longest - t - 1, 0);
    const staying = [], drawn = [], next = [], free = [], further = [];
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place], sample = found[row], uniform = draws.of(row, t - prefix.length), cell = shared.at[place] * symbols;
      const symbol = nodes[place] === OUTSIDE
        ? draw(probability, sharpened(logProbs, cell, temperature, probability, task), uniform)
        : draw(tree.row(nodes[place]), null, uniform);
      sample.nats -= logProbs[cell + symbol];
      const ended = symbol === END, following = refusing && !ended ? refusing.step(places[place], symbol) : 0;
      const freed = freer && !ended ? freer.step(spared[place], symbol) : 0;
      // One character too many is too long, not refused, where the name could end with it.
      if (refusing && (ended ? !refusing.accepting(places[place]) : refusing.distance(following) > left)) {
        sample.dropped = true;
        sample.avoided = freer !== null && (ended ? freer.accepting(spared[place]) : freer.distance(freed) <= left);
      }
      if (ended) sample.finished = true;
      if (ended || sample.dropped) continue;
      staying.push(place);
      drawn.push(symbol);
      next.push(following);
      free.push(freed);
      further.push(tree ? tree.step(nodes[place], symbol) : OUTSIDE);
    }
    if (t === longest) break;
    rows = staying.map((place) => rows[place]);
    [places, spared, nodes] = [next, free, further];
    for (let place = 0; place < rows.length; place++) found[rows[place]].symbols.push(drawn[place]);
    if (rows.length) shared.advance(staying, drawn);
  }
  return found;
}

// Proposals by the guide, each {symbols, logWeight, nats}: minus infinity where nothing acceptable can be reached.
function proposeRows(task, first, count, page) {
  const { model, prefix, longest, temperature, automaton, guide, tree = null } = task, { symbols } = model;
  const found = Array.from({ length: count }, () => ({ symbols: prefix.slice(), logWeight: 0, nats: task.nats ?? 0 }));
  const draws = new Draws(task.seed, first, count, page), start = automaton.after(prefix);
  const probability = new Float64Array(symbols), after = new Float64Array(symbols);
  const ahead = tree && (task.ahead ??= tree.ahead(automaton, guide, start, longest - prefix.length));
  const shared = new SharedStates(model, task.begun, count);
  let rows = found.map((_, row) => row);
  let places = rows.map(() => start), pairs = rows.map(() => guide.start), nodes = rows.map(() => (tree ? 0 : OUTSIDE));
  for (let t = prefix.length; t <= longest && rows.length; t++) {
    draws.turn(t - prefix.length, rows);
    const left = longest - t, logProbs = shared.logProbs(), staying = [], drawn = [];
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place], at = places[place], node = nodes[place], cell = shared.at[place] * symbols;
      let total = 0;
      if (node === OUTSIDE) {
        const sum = sharpened(logProbs, cell, temperature, probability, task);
        guide.after(pairs[place], left, after);
        for (let symbol = 0; symbol < symbols; symbol++) {
          const allowed = symbol === END ? automaton.accepting(at) : automaton.distance(automaton.step(at, symbol)) < left;
          probability[symbol] = allowed ? (probability[symbol] / sum) * after[symbol] : 0;
          total += probability[symbol];
        }
      } else {
        const chance = tree.row(node);
        for (let symbol = 0; symbol < symbols; symbol++) {
          probability[symbol] = chance[symbol] * ahead.after[node * symbols + symbol];
          total += probability[symbol];
        }
      }
      const value = node === OUTSIDE ? guide.value(pairs[place], left) : ahead.value[node];
      found[row].logWeight += Math.log(t > prefix.length ? total / value : total);
      const symbol = draw(probability, total, draws.of(row, t - prefix.length));
      found[row].nats -= logProbs[cell + symbol];
      if (symbol === END || !(total > 0)) continue;
      found[row].symbols.push(symbol);
      staying.push(place);
      drawn.push(symbol);
    }
    rows = staying.map((place) => rows[place]);
    if (!rows.length) break;
    places = staying.map((place, at) => automaton.step(places[place], drawn[at]));
    pairs = staying.map((place, at) => guide.step(pairs[place], drawn[at]));
    if (tree) nodes = staying.map((place, at) => tree.step(nodes[place], drawn[at]));
    else nodes.length = rows.length;
    shared.advance(staying, drawn);
  }
  return found;
}

// Samples 0, 1, 2, … without end: [sample, …] at a time.
function* plainly(task) {
  for (let first = 0, size = SOME; ; first += size, size = first < FIRST_BLOCK ? SOME : MANY) {
    yield sampleRows(task, first, size);
  }
}

// The same under constraints, by refusing names or by proposing and weighing them. Before each [sample, …] that is to be
// looked at, some that is not may come as null, so that others have their turn. `task` gets `probability` and `exact`.
function* underConstraints(task) {
  const plain = plainly(task), trial = [];
  let met = 0, told = 0;
  const meets = (sample) => sample.finished && !sample.dropped;
  let read = 0;
  while (trial.length < TRIAL && !(read >= FEWEST_SYMBOLS && TRIAL_ENDS.includes(trial.length))) {
    const some = plain.next().value;
    trial.push(...some);
    read += symbolsOf(some);
    met += some.filter(meets).length;
    Object.assign(task, { exact: true, probability: met / trial.length });  // so far, if that is enough
    if (met / TRIAL < OFTEN) {
      yield null;  // whether they are met often enough is still open
    } else {
      yield trial.slice(told);
      told = trial.length;
    }
  }
  const share = met / trial.length;
  if (share < OFTEN) {
    task.guide = task.remembered(() => (
      buildGuide(task.model, task.automaton, task.prefix, task.longest - task.prefix.length, task.temperature)));
    yield null;
    const weights = [];
    while (weights.length < PILOT) {
      weights.push(...proposeRows(task, weights.length, MANY, PILOTS).map((proposal) => proposal.logWeight));
      yield null;
    }
    const logMean = logSum(weights) - Math.log(PILOT);
    const logCeiling = Math.min(Math.max(...weights), logMean + Math.log(HIGHEST));
    if (logMean > -Infinity && logCeiling < 0) {
      Object.assign(task, { exact: false, probability: Math.exp(logMean) });
      yield* guided(task, logCeiling);
      return;
    }
  }
  if (told < trial.length) yield trial.slice(told);
  yield* plain;
}

function* guided(task, logCeiling) {
  const chances = new Uniforms(task.seed, TAKING);
  for (let first = 0, size = SOME; ; first += size, size = first < FIRST_BLOCK ? SOME : MANY) {
    yield proposeRows(task, first, size, PROPOSALS).map(({ symbols, logWeight, nats }, place) => ({
      symbols,
      nats,
      finished: true,
      avoided: false,
      dropped: !(Math.log(chances.single(first + place, 0)) < logWeight - logCeiling),
      weight: Math.exp(Math.max(logWeight - logCeiling, 0)),
    }));
  }
}

// How many symbols were drawn for samples, those of the beginning counted too.
function symbolsOf(samples) {
  return samples.reduce((sum, { symbols }) => sum + symbols.length + 1, 0);
}

// Yields the names of `task` as they are found, [{text}, …] at a time, and returns the samples that were found, with the
// `document` and the `text` of each, and how the drawing went. `unwanted` says which are left out: generation/collect.py.
function* collect(task, count, vocabulary, { known = null, repeated = true, near = null, alike = false, casing = null }, choose = null) {
  const seen = new Set(), samples = [];
  const told = { drawn: 0, known: 0, repeated: 0, tooLong: 0, empty: 0, unmet: 0, near: 0, alike: 0, avoided: 0 };
  const limit = task.temperature === 0 && repeated ? 1 : FEWEST_DRAWS + DRAWS_A_NAME * count;
  const shortest = task.automaton ? task.automaton.needed[task.automaton.start] : 0;
  const most = FEWEST_SYMBOLS + count * Math.max(SYMBOLS_A_NAME, DRAWS_A_NAME * shortest);
  const written = (name) => (casing ? casing.write(vocabulary.shown(name)) : vocabulary.shown(name));
  const isApart = alike ? apart((name) => vocabulary.split(casing ? casing.write(name) : name)) : null;
  const why = (sample, name, text) => {
    if (sample.avoided) return "avoided";
    if (sample.dropped) return "unmet";
    if (!sample.finished) return "tooLong";
    if (!name || name.startsWith(" ") || name.endsWith(" ")) return "empty";  // no name of a list has a space there
    if (name.normalize("NFC") !== name) return "unmet";  // of a model whose page does not know what is in NFC
    if (repeated && seen.has(text)) return "repeated";
    if (known && (casing ? [...casing.forms(name)].some((form) => known.has(form)) : known.has(name))) return "known";
    if (near?.(name)) return "near";
    return isApart && !isApart(name) ? "alike" : null;
  };
  let read = 0;
  // Python looks at whole blocks, and at the limits between them only.
  let size = FIRST_BLOCK, blockEnd = task.automaton ? size : FIRST_FEW;
  const over = () => {
    if (told.drawn < blockEnd) return false;
    if (blockEnd < FIRST_BLOCK) blockEnd = FIRST_BLOCK;
    else blockEnd += size = Math.min(4 * size, LARGEST_BLOCK);
    const enough = choose !== null && told.drawn * Math.min(samples.length, CHOICE * choose) >= TRIED * CHOICE * choose;
    return enough || told.drawn >= limit || read >= most;
  };
  search: for (const some of task.automaton ? underConstraints(task) : plainly(task)) {
    const names = [];
    for (const sample of some || []) {
      told.drawn++;
      read += sample.symbols.length + 1;
      const document = sample.dropped || !sample.finished ? "" : vocabulary.decode(sample.symbols), text = written(document);
      const reason = why(sample, document, text);
      if (reason) told[reason]++;
      else {
        seen.add(text);
        names.push({ text });
        samples.push({ ...sample, document, text });
      }
      if (samples.length === count || over()) {
        yield names;
        break search;
      }
    }
    yield names;
  }
  const sum = samples.reduce((all, { weight }) => all + weight, 0);
  const squares = samples.reduce((all, { weight }) => all + weight * weight, 0);
  const exact = task.exact !== false;
  return {
    ...told,
    samples,
    givenUp: samples.length < count && read >= most,
    exact,
    effective: exact ? null : squares && (sum * sum) / squares,
    probability: task.automaton ? task.probability ?? null : null,
  };
}
