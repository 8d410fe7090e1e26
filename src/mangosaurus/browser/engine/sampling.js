// Drawing names: generation/sampler.py, conditional.py and collect.py. Sample i of a seed is the same in all of them.

const SOME = 32, MANY = 128;  // rows computed at once: few at first, so that something is seen soon
const TRIAL_ENDS = [];  // of Python's first blocks
for (let end = 0, size = FIRST_BLOCK; TRIAL_ENDS.length < TRIAL_BLOCKS; size = Math.min(4 * size, LARGEST_BLOCK)) {
  TRIAL_ENDS.push(end += size);
}
const TRIAL = TRIAL_ENDS.at(-1);

// Probabilities to draw from, not yet scaled, of the row of `logProbs` at `first`, into `into`; returns their sum.
function sharpened(logProbs, first, temperature, into) {
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
  return sum;
}

// One symbol by inverting the distribution function.
function draw(probability, sum, uniform) {
  const bound = uniform * sum;
  let cumulated = 0, symbol = 0;
  for (; symbol < probability.length - 1; symbol++) {
    cumulated += probability[symbol];
    if (cumulated > bound) break;
  }
  return symbol;
}

// Samples `first` to `first + count` - 1, each {symbols, finished, dropped, weight}. With an automaton `refusing`, those are
// dropped that can no longer be accepted, or not within the greatest length.
function sampleRows(task, first, count) {
  const { model, prefix, longest, temperature, refusing } = task;
  const found = Array.from({ length: count }, () => (
    { symbols: prefix.slice(), finished: false, dropped: false, weight: 1 }));
  const draws = new Draws(task.seed, first, count), probability = new Float64Array(model.symbols);
  let rows = found.map((_, row) => row), state = select(task.begun, rows.map(() => 0));
  let places = rows.map(() => (refusing ? refusing.after(prefix) : 0));
  for (let t = prefix.length; t <= longest && rows.length; t++) {
    draws.turn(t - prefix.length, rows);
    const logProbs = model.logProbs(state), staying = [], symbols = [], next = [];
    rows.forEach((row, place) => {
      const sum = sharpened(logProbs, place * model.symbols, temperature, probability);
      const symbol = draw(probability, sum, draws.of(row, t - prefix.length));
      if (symbol === END) {
        found[row].finished = true;
        found[row].dropped = refusing !== null && !refusing.accepting(places[place]);
        return;
      }
      const following = refusing ? refusing.step(places[place], symbol) : 0;
      // One character too many is too long, not refused, where the name could end with it.
      if (refusing && refusing.distance(following) > Math.max(longest - t - 1, 0)) {
        found[row].dropped = true;
        return;
      }
      staying.push(place);
      symbols.push(symbol);
      next.push(following);
    });
    if (t === longest) break;
    if (staying.length < rows.length) state = select(state, staying);
    rows = staying.map((place) => rows[place]);
    places = next;
    rows.forEach((row, place) => found[row].symbols.push(symbols[place]));
    if (rows.length) state = model.advance(state, symbols);
  }
  return found;
}

// Proposals by the guide, each {symbols, logWeight}: minus infinity where nothing acceptable can be reached.
function proposeRows(task, first, count, page) {
  const { model, prefix, longest, temperature, automaton, guide } = task;
  const found = Array.from({ length: count }, () => ({ symbols: prefix.slice(), logWeight: 0 }));
  const draws = new Draws(task.seed, first, count, page);
  const probability = new Float64Array(model.symbols), after = new Float64Array(model.symbols);
  let rows = found.map((_, row) => row), state = select(task.begun, rows.map(() => 0));
  let places = rows.map(() => automaton.after(prefix)), pairs = rows.map(() => guide.start);
  for (let t = prefix.length; t <= longest && rows.length; t++) {
    draws.turn(t - prefix.length, rows);
    const left = longest - t, logProbs = model.logProbs(state), staying = [], symbols = [];
    rows.forEach((row, place) => {
      const sum = sharpened(logProbs, place * model.symbols, temperature, probability);
      guide.after(pairs[place], left, after);
      let total = 0;
      for (let symbol = 0; symbol < model.symbols; symbol++) {
        const allowed = symbol === END
          ? automaton.accepting(places[place])
          : automaton.distance(automaton.step(places[place], symbol)) < left;
        probability[symbol] = allowed ? (probability[symbol] / sum) * after[symbol] : 0;
        total += probability[symbol];
      }
      found[row].logWeight += Math.log(t > prefix.length ? total / guide.value(pairs[place], left) : total);
      const symbol = draw(probability, total, draws.of(row, t - prefix.length));
      if (symbol === END || !(total > 0)) return;
      found[row].symbols.push(symbol);
      staying.push(place);
      symbols.push(symbol);
    });
    rows = staying.map((place) => rows[place]);
    if (!rows.length) break;
    places = staying.map((place, at) => automaton.step(places[place], symbols[at]));
    pairs = staying.map((place, at) => guide.step(pairs[place], symbols[at]));
    state = model.advance(select(state, staying), symbols);
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
    if (met / TRIAL < OFTEN) {
      yield null;  // whether they are met often enough is still open
    } else {
      yield trial.slice(told);
      told = trial.length;
    }
  }
  const share = met / trial.length;
  Object.assign(task, { exact: true, probability: share });
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
    yield proposeRows(task, first, size, PROPOSALS).map(({ symbols, logWeight }, place) => ({
      symbols,
      finished: true,
      dropped: !(Math.log(chances.single(first + place, 0)) < logWeight - logCeiling),
      weight: Math.exp(Math.max(logWeight - logCeiling, 0)),
    }));
  }
}

// How many symbols were drawn for samples, those of the beginning counted too.
function symbolsOf(samples) {
  return samples.reduce((sum, { symbols }) => sum + symbols.length + 1, 0);
}

// Yields the names of `task` as they are found, [name, …] at a time, and returns how the drawing went.
function* collect(task, count, vocabulary, known) {
  const found = new Set(), weights = [], told = { drawn: 0, known: 0, repeated: 0, tooLong: 0, empty: 0, unmet: 0 };
  const limit = task.temperature === 0 ? 1 : FEWEST_DRAWS + DRAWS_A_NAME * count;
  const shortest = task.automaton ? task.automaton.needed[task.automaton.start] : 0;
  const most = FEWEST_SYMBOLS + count * Math.max(SYMBOLS_A_NAME, DRAWS_A_NAME * shortest);
  let read = 0;
  // Python looks at whole blocks, and at the limits between them only.
  let blockEnd = FIRST_BLOCK, size = FIRST_BLOCK;
  const over = () => {
    if (told.drawn < blockEnd) return false;
    size = Math.min(4 * size, LARGEST_BLOCK);
    blockEnd += size;
    return told.drawn >= limit || read >= most;
  };
  search: for (const samples of task.automaton ? underConstraints(task) : plainly(task)) {
    const names = [];
    for (const sample of samples || []) {
      told.drawn++;
      read += symbolsOf([sample]);
      const name = sample.dropped ? "" : vocabulary.decode(sample.symbols);
      if (sample.dropped) told.unmet++;
      else if (!sample.finished) told.tooLong++;
      else if (!name || name.startsWith(" ") || name.endsWith(" ")) told.empty++;  // no name of a list has a space there
      else if (found.has(vocabulary.shown(name))) told.repeated++;
      else if (known.has(name)) told.known++;
      else {
        found.add(vocabulary.shown(name));
        names.push(vocabulary.shown(name));
        weights.push(sample.weight);
      }
      if (found.size === count || over()) {
        yield names;
        break search;
      }
    }
    yield names;
  }
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const squares = weights.reduce((all, weight) => all + weight * weight, 0);
  const exact = task.exact !== false;
  return {
    ...told,
    givenUp: found.size < count && read >= most,
    exact,
    effective: exact ? null : squares && (sum * sum) / squares,
    probability: task.automaton ? task.probability ?? null : null,
  };
}
