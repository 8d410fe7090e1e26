// How long names are: what is added to the log odds of END, so that a model's names have given lengths:
// generation/name_lengths.py, which says how.

const LENGTHS = {
  drawn: 64,
  others: 1,  // as many of the model's own names have a say
  faith: 0.5,
  smoothness: 10,
  steps: 30,
  largestStep: 1,
  most: 64,  // symbols after which nothing is fitted
};

// The share of names that shall have 0, 1, … symbols, by the lengths of the model's own names, of liked and of disliked
// ones.
function wantedLengths(own, liked, disliked, say) {
  const most = Math.max(...own, ...liked), part = (lengths) => lengths.length / (lengths.length + LENGTHS.others);
  const [usual, others] = [own, disliked].map((lengths) => lengthsNear(lengths, most));
  const less = usual.map((share, length) => share / Math.max(share + others[length], Number.MIN_VALUE));
  const mine = countsOf(own, most).map((count, length) => count * less[length] ** (2 * say * part(disliked)));
  const sum = mine.reduce((all, each) => all + each, 0), share = say * part(liked), theirs = countsOf(liked, most);
  return mine.map((each, length) => (1 - share) * each / sum + share * theirs[length] / Math.max(1, liked.length));
}

function countsOf(lengths, most) {
  const found = new Float64Array(most + 1);
  for (const length of lengths) if (length <= most) found[length] += 1;
  return found;
}

// The share of lengths near each of 0, 1, … `most`; zeros without lengths.
function lengthsNear(lengths, most) {
  const shares = countsOf(lengths, most).map((count) => count / Math.max(1, lengths.length));
  return shares.map((share, length) => 0.5 * share + 0.25 * ((shares[length - 1] ?? 0) + (shares[length + 1] ?? 0)));
}

// What to add to the log odds of END after 0, 1, … symbols, so that names have the lengths 0, 1, … in `shares`.
function* addedToEnd(model, shares) {
  const most = Math.min(shares.length - 1, LENGTHS.most), size = most + 1, ends = shares.map((share) => 100 * share);
  const reach = ends.slice();
  for (let length = reach.length - 2; length >= 0; length--) reach[length] += reach[length + 1];
  const odds = yield* logOddsOfEnd(model, size);
  const found = new Float64Array(size), penalty = new Float64Array(size * size);
  for (let place = 0; place < size; place++) penalty[place * size + place] = LENGTHS.faith;
  for (let bend = 0; bend + 2 < size; bend++) {
    [1, -2, 1].forEach((one, row) => [1, -2, 1].forEach((other, column) => {
      penalty[(bend + row) * size + bend + column] += LENGTHS.smoothness * one * other;
    }));
  }
  for (let step = 0; step < LENGTHS.steps; step++) {
    const slope = new Float64Array(size), curvature = penalty.slice();
    const reached = new Float64Array(LENGTHS.drawn).fill(1);
    for (let length = 0; length < size; length++) {
      let ended = 0, all = 0;
      for (let name = 0; name < LENGTHS.drawn; name++) {
        const hazard = 1 / (1 + Math.exp(-odds[length * LENGTHS.drawn + name] - found[length]));
        ended += hazard * reached[name];
        all += reached[name];
        reached[name] *= 1 - hazard;
      }
      const mean = ended / Math.max(all, Number.MIN_VALUE);
      slope[length] = ends[length] - reach[length] * mean;
      for (let other = 0; other < size; other++) slope[length] -= penalty[length * size + other] * found[other];
      curvature[length * size + length] += reach[length] * mean * (1 - mean);
    }
    solved(curvature, slope).forEach((each, length) => {
      found[length] += Math.min(Math.max(each, -LENGTHS.largestStep), LENGTHS.largestStep);
    });
  }
  return found;
}

// The log odds of END after 0, 1, … symbols of names that never end, (count, names).
function* logOddsOfEnd(model, count) {
  const { symbols } = model, found = new Float64Array(count * LENGTHS.drawn), probability = new Float64Array(symbols);
  const draws = new Draws(0n, 0, LENGTHS.drawn), rows = Array.from({ length: LENGTHS.drawn }, (_, row) => row);
  let state = model.start(1), places = rows.map(() => 0);  // names that begin alike are read once
  for (let after = 0; after < count; after++) {
    const logProbs = model.logProbs(state), from = [], read = [], numbers = new Map();
    draws.turn(after, rows);
    places = rows.map((row) => {
      const place = places[row], sum = sharpened(logProbs, place * symbols, 1, probability);
      const end = Math.min(Math.max(probability[END], 1e-9), 1 - 1e-9);
      found[after * LENGTHS.drawn + row] = Math.log(end / (1 - end));
      const others = sum - probability[END];
      probability[END] = 0;
      const symbol = draw(probability, others, draws.of(row, after)), key = place * symbols + symbol;
      if (!numbers.has(key)) {
        numbers.set(key, from.length);
        from.push(place);
        read.push(symbol);
      }
      return numbers.get(key);
    });
    yield [];
    if (after + 1 < count) state = model.advance(select(state, from), read);
  }
  return found;
}
