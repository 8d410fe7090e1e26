// What names have more of than a model's own: training/steering.py, which has the formulas.

const STEERING = {
  strongest: 6,  // the scale of the strength 1
  order: 3,
  firm: 1,
  faint: 4,
  own: 5,  // as many of the model's own names are read with each list
  evidence: 4,  // n names steer by n / (n + evidence)
  passes: 2,
  newton: 3,
  stiffness: [0.25, 2],
  largestStep: 2,
  mostCells: 4_000_000,
};

// The model, steered towards `like` and away from `unlike`, names of which one may be empty; `own` are names that the
// model wrote.
function steer(model, vocabulary, prior, like, unlike, own, strength) {
  const given = [like, unlike].filter((names) => names.length);
  const documents = given.map((names) => learnt(names, vocabulary));
  const signs = [[1, like], [-1, unlike]].filter(([, names]) => names.length)
    .map(([sign, names]) => sign * shareOf(names, STEERING.evidence));
  const size = Math.max(...given.map((names) => new Set(names).size));
  const read = [...given, own.length ? own : given[0]].map((names) => meanOf(prior, names, vocabulary));
  const usual = read.at(-1), vectors = new Float32Array(read.length * prior.width);
  read.forEach((mean, list) => {
    const share = list < given.length ? shareOf(given[list], STEERING.own) : 1;
    const moved = mean.map((each, place) => share * each + (1 - share) * usual[place]);
    vectors.set(prior.vector(moved, size), list * prior.width);
  });
  const network = prior.network(vocabulary, vectors);
  const { order } = STEERING, counts = countNgrams(documents.flat(), model.symbols, order);
  const contexts = new NGram(counts, usualDiscounts(order), model.symbols), cells = contexts.nodes * model.symbols;
  const table = new Float64Array(cells);
  documents.forEach((names, list) => {
    const weights = read.map((_, place) => (place === list ? 1 : place === given.length ? -1 : 0));
    const expected = predict(new Steered(model, network, weights, contexts, new Float64Array(cells)), names);
    fitTable(contexts, names, expected).forEach((more, cell) => { table[cell] += signs[list] * more; });
  });
  const weights = [...signs, -signs.reduce((sum, sign) => sum + sign, 0)];
  return new Steered(model, network, weights, contexts, table, STEERING.strongest * strength);
}

// The share of different names among them and so many others.
function shareOf(names, others) {
  const number = new Set(names).size;
  return number / (number + others);
}

// The mean of what names contribute to a list vector.
function meanOf(prior, names, vocabulary) {
  const every = vocabulary.of(names), documents = namesRead(names.map((name) => every.encode(name)));
  const { data, width } = prior.contributions(documents, every), mean = new Float64Array(width);
  data.forEach((each, cell) => { mean[cell % width] += each / documents.length; });
  return mean;
}

// The ids of the known symbols of the names, or of as many names as MOST_CELLS allow.
function learnt(names, vocabulary) {
  const known = names.map((name) => vocabulary.split(name).map((symbol) => vocabulary.ids.get(symbol)).filter(Boolean))
    .filter((document) => document.length);
  const symbols = known.reduce((sum, document) => sum + document.length + 1, 0);
  const share = Math.min(1, STEERING.mostCells / (symbols * vocabulary.size));
  return known.length ? namesRead(known, Math.max(1, Math.floor(known.length * share))) : [];
}

// What names have more of than expected, (nodes, symbols): what they add to log p, if multiplied by 1. `logits` is
// log p of every symbol before each of theirs, (n, symbols); it is overwritten.
function fitTable(contexts, names, logits) {
  const { symbols, levels, suffix } = contexts, start = contexts.begun, cells = contexts.nodes * symbols;
  const following = names.flatMap((name) => [...name, END]);
  const read = names.flatMap((name) => [...Array(name.length + 1).keys()]);
  const byLevel = contextsOf(contexts, names.flatMap((name) => nodesBefore(contexts, name)));
  const ending = [0, 0], added = new Float64Array(cells), firmness = new Float64Array(cells).fill(STEERING.faint);
  for (let node = 0; node < contexts.nodes; node++) firmness[node * symbols + END] = STEERING.firm;
  firmness.fill(STEERING.firm, start * symbols, (start + 1) * symbols);
  for (let pass = 0; pass < STEERING.passes; pass++) {
    for (let time = 0; time < STEERING.newton; time++) {
      const step = endingStep(ending, read, following, read.map((_, row) => Math.exp(logits[row * symbols + END])));
      ending.forEach((_, place) => { ending[place] += step[place]; });
      read.forEach((length, row) => { logits[row * symbols + END] += step[0] + step[1] * length; });
      normalized(logits, symbols);
    }
    for (const nodes of byLevel) {
      const seen = new Float64Array(cells), usual = new Float64Array(cells);
      nodes.forEach((node, row) => {
        if (node < 0) return;
        seen[node * symbols + following[row]] += 1;
        for (let symbol = 0; symbol < symbols; symbol++) {
          usual[node * symbols + symbol] += Math.exp(logits[row * symbols + symbol]);
        }
      });
      const more = seen.map((count, cell) => Math.log((count + firmness[cell]) / (usual[cell] + firmness[cell])));
      more.forEach((each, cell) => { added[cell] += each; });
      nodes.forEach((node, row) => {
        if (node < 0) return;
        for (let symbol = 0; symbol < symbols; symbol++) {
          logits[row * symbols + symbol] += more[node * symbols + symbol];
        }
      });
      normalized(logits, symbols);
    }
  }
  const table = added.slice();
  for (let node = levels[1]; node < contexts.nodes; node++) {  // those of fewer symbols come first
    if (node === start) continue;
    for (let symbol = 0; symbol < symbols; symbol++) {
      table[node * symbols + symbol] += table[suffix[node] * symbols + symbol];
    }
  }
  return table;
}

// The node before each symbol of a name, END included.
function nodesBefore(contexts, name) {
  const nodes = [contexts.begun];
  for (const symbol of name) nodes.push(contexts.follow(nodes.at(-1), symbol));
  return nodes;
}

// A step of Newton's method towards the log odds of END, given its probabilities as `expected` so far.
function endingStep(ending, read, following, expected) {
  const slope = STEERING.stiffness.map((stiffness, place) => -stiffness * ending[place]);
  let [none, one, two] = [STEERING.stiffness[0], 0, STEERING.stiffness[1]];
  read.forEach((length, row) => {
    const lacking = (following[row] === END ? 1 : 0) - expected[row], weight = expected[row] * (1 - expected[row]);
    slope[0] += lacking;
    slope[1] += lacking * length;
    none += weight;
    one += weight * length;
    two += weight * length * length;
  });
  const determinant = none * two - one * one;
  return [(two * slope[0] - one * slope[1]) / determinant, (none * slope[1] - one * slope[0]) / determinant]
    .map((step) => Math.min(Math.max(step, -STEERING.largestStep), STEERING.largestStep));
}

// For each level, the node of that level among the contexts of each of `nodes`, or -1.
function contextsOf({ order, depth, suffix, begun }, nodes) {
  let deepest = nodes;
  const found = [];
  for (let level = order - 1; level >= 0; level--) {
    const here = deepest.map((node) => depth[node] === level);
    found.unshift(deepest.map((node, row) => (here[row] && !(level === 0 && nodes[row] === begun) ? node : -1)));
    deepest = deepest.map((node, row) => (here[row] ? suffix[node] : node));
  }
  return found;
}
