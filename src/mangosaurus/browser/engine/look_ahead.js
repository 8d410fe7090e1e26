// The probability, under the n-gram, that a prefix ends in an accepted name: generation/guide.py has the formulas.

// h of every pair of a state of the automaton and a context of the n-gram.
class Guide {
  // `following` is (pairs, symbols), `dead` where dead; `ahead` has the values of all pairs, for each number of
  // characters left.
  constructor(symbols, following, ahead) {
    Object.assign(this, { symbols, following, ahead, start: 0 });
  }

  value(pair, left) {
    return this.ahead[Math.min(left, this.ahead.length - 1)][pair];
  }

  // h after each symbol read in `pair`, into `into`; what is not allowed has any value.
  after(pair, left, into) {
    const { symbols, following } = this, values = this.ahead[Math.min(Math.max(left - 1, 0), this.ahead.length - 1)];
    const first = pair * symbols;
    for (let symbol = 0; symbol < symbols; symbol++) into[symbol] = values[following[first + symbol]];
    into[END] = 1;
  }

  step(pair, symbol) {
    return this.following[pair * this.symbols + symbol];
  }
}

// Where there are too many pairs: the automaton's states are the pairs.
class DistanceGuide {
  constructor(start, automaton, symbols) {
    Object.assign(this, { start, automaton, symbols });
    this.values = Float64Array.from(automaton.needed.subarray(0, automaton.tableStates), (needed) => Math.max(symbols ** -needed, LEAST));
  }

  value(pair) {
    return this.values[pair];
  }

  after(pair, left, into) {
    for (let symbol = 0; symbol < this.symbols; symbol++) {
      const next = this.automaton.step(pair, symbol);
      into[symbol] = next === DEAD ? 0 : this.values[next];
    }
    into[END] = 1;
  }

  step(pair, symbol) {
    return this.automaton.step(pair, symbol);
  }
}

// The guide after `prefix`, for names of at most `longest` more characters.
function buildGuide(model, automaton, prefix, longest, temperature) {
  const { symbols } = model, ngram = model instanceof NGram ? model : model.ngram || null;
  const first = automaton.withinTable(automaton.after(prefix)), within = Math.min(Math.max(temperature || 1, 0.3), 3);
  for (let depth = LONGEST_CONTEXT; depth >= 0; depth--) {
    let contexts;
    if (ngram === null) {
      const probability = new Float64Array(symbols).fill(1 / symbols);
      contexts = { start: 0, count: 1, following: new Int32Array(symbols), probability };
    } else if (depth >= ngram.order || ngram.levels[depth + 1] * symbols > MOST_CELLS) {
      continue;
    } else {
      contexts = cutContexts(ngram, depth);
    }
    const pairs = pairsOf(automaton, first, contexts, prefix, symbols);
    if (pairs !== null) return lookAhead(automaton, contexts, pairs, longest, within, symbols);
  }
  return new DistanceGuide(first, automaton, symbols);
}

// The contexts of up to `depth` symbols; what follows one is the mean of what follows the whole ones cut to it. They
// take a while, and are kept with the n-gram.
function cutContexts(ngram, depth) {
  ngram.cut ??= [];
  return ngram.cut[depth] ??= madeContexts(ngram, depth);
}

function madeContexts(ngram, depth) {
  const { symbols, levels, suffix } = ngram, count = Number(levels[depth + 1]), most = Math.floor(MOST_CELLS / symbols);
  let whole = depth;
  for (let length = depth; length < ngram.order && levels[length + 1] <= most; length++) whole = length;
  const { nodes, target, probability } = ngram.table(whole);
  const cut = (node) => {
    while (node >= count) node = suffix[node];
    return node;
  };
  const short = Int32Array.from({ length: nodes }, (_, node) => cut(node));
  const seen = new Float64Array(count), weights = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) {
    const length = ngram.depth[node];
    if (length === whole || (ngram.oldest[node] === END && length > 0)) weights[node] = ngram.total[node];
    seen[short[node]] += weights[node];
  }
  for (let node = 0; node < count; node++) if (seen[node] === 0) weights[node] += 1;
  const mean = new Float64Array(count * symbols);
  for (let node = 0; node < nodes; node++) {
    if (weights[node] === 0) continue;
    const from = node * symbols, to = short[node] * symbols;
    for (let symbol = 0; symbol < symbols; symbol++) mean[to + symbol] += weights[node] * probability[from + symbol];
  }
  scaled(mean, symbols);
  const following = target.subarray(0, count * symbols).map(cut);
  return { start: cut(ngram.begun), count, following, probability: mean };
}

// Every row of `rows`, (n, symbols), so that it sums to one; in place.
function scaled(rows, symbols) {
  for (let first = 0; first < rows.length; first += symbols) {
    let sum = 0;
    for (let place = first; place < first + symbols; place++) sum += rows[place];
    for (let place = first; place < first + symbols; place++) rows[place] /= sum;
  }
}

// Of every pair that can be reached its state, its context and its next pairs; null if there are too many.
function pairsOf(automaton, first, contexts, prefix, symbols) {
  const width = contexts.count;
  if (automaton.tableStates * width > MOST_PLACES || automaton.tableStates * symbols > MOST_CELLS) return null;
  const context = prefix.reduce((node, symbol) => contexts.following[node * symbols + symbol], contexts.start);
  const numbers = new Int32Array(automaton.tableStates * width);  // 0: not met; n + 1: the pair is number n
  const keys = [first * width + context];
  numbers[keys[0]] = 1;
  for (let pair = 0; pair < keys.length; pair++) {
    const state = Math.floor(keys[pair] / width), node = keys[pair] % width;
    for (let symbol = 1; symbol < symbols; symbol++) {
      const to = automaton.step(state, symbol);
      if (to === DEAD) continue;
      const key = to * width + contexts.following[node * symbols + symbol];
      if (numbers[key] === 0) numbers[key] = keys.push(key);
    }
    if (keys.length * symbols > MOST_CELLS) return null;
  }
  const states = Int32Array.from(keys, (key) => Math.floor(key / width));
  const nodes = Int32Array.from(keys, (key) => key % width);
  const following = new Int32Array(keys.length * symbols).fill(keys.length);  // dead, until they are found not to be
  states.forEach((state, pair) => {
    for (let symbol = 1; symbol < symbols; symbol++) {
      const to = automaton.step(state, symbol);
      if (to === DEAD) continue;
      following[pair * symbols + symbol] = numbers[to * width + contexts.following[nodes[pair] * symbols + symbol]] - 1;
    }
  });
  return { states, nodes, following };
}

// h of every pair for each number of characters from 0 to `longest`, or until it stays as it is.
function lookAhead(automaton, contexts, { states, nodes, following }, longest, temperature, symbols) {
  let rows = contexts.probability;
  if (temperature !== 1) {
    rows = rows.map((probability) => probability ** (1 / temperature));
    scaled(rows, symbols);
  }
  const count = states.length, atOnce = new Float64Array(count + 1);  // the last one is for what is dead
  for (let pair = 0; pair < count; pair++) {
    if (automaton.accepting(states[pair])) atOnce[pair] = rows[nodes[pair] * symbols + END];
  }
  const ahead = [atOnce];
  const most = Math.min(longest, Math.max(MOST_AHEAD, 2 * automaton.needed[states[0]]));
  for (let length = 0; length < most; length++) {
    const last = ahead[ahead.length - 1], further = new Float64Array(count + 1);
    let settled = true;
    for (let pair = 0; pair < count; pair++) {
      const row = nodes[pair] * symbols, next = pair * symbols;
      let sum = 0;
      for (let symbol = 1; symbol < symbols; symbol++) sum += rows[row + symbol] * last[following[next + symbol]];
      const value = atOnce[pair] + sum;
      further[pair] = value;
      if (!(value - last[pair] <= CONVERGED * value && value > 0)) settled = false;
    }
    ahead.push(further);
    if (settled) break;
  }
  return new Guide(symbols, following, ahead.map((values) => values.map((h, pair) => (pair < count ? Math.max(h, LEAST) : 0))));
}
