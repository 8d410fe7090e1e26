// Counting n-grams by sorting: count_ngrams of training/ngram_counts.py, which says how.

// Documents one after the other, with END before, between and after them.
function joinedDocuments(documents) {
  const stream = new Int32Array(documents.reduce((sum, document) => sum + document.length + 1, 1)).fill(END);
  let place = 1;
  for (const document of documents) {
    stream.set(document, place);
    place += document.length + 1;
  }
  return stream;
}

// The different ones of `keys`, sorted; which of them each key is; and the place of the first of each.
function ranked(keys) {
  const values = keys.slice().sort();
  let count = 0;
  for (const value of values) if (!count || value !== values[count - 1]) values[count++] = value;
  const sorted = values.subarray(0, count), numbers = new Map();
  sorted.forEach((value, number) => numbers.set(value, number));
  const ranks = new Int32Array(keys.length), first = new Int32Array(count).fill(-1);
  keys.forEach((key, place) => {
    const rank = ranks[place] = numbers.get(key);
    if (first[rank] < 0) first[rank] = place;
  });
  return { sorted, ranks, first };
}

// The arrays of NGramCounts. `counted` says how often each document counts; null: once.
function countNgrams(documents, symbols, order, counted = null) {
  const stream = joinedDocuments(documents), length = stream.length;
  const times = new Float64Array(length).fill(1), available = new Int32Array(length);
  for (let place = 1, document = 0, end = 0; place < length; place++) {
    available[place] = place - end;  // how many symbols of context there are, the document's END included
    if (counted) times[place] = counted[document];
    if (stream[place] === END) {
      end = place;
      document += 1;
    }
  }
  const levels = [0, 1], suffix = [Float64Array.of(0)], oldest = [Float64Array.of(0)];
  const keysOf = [], firsts = [], counts = [], before = [];
  let positions = Int32Array.from({ length: length - 1 }, (_, place) => place + 1);
  let contexts = new Int32Array(length - 1);
  for (let level = 0; level < order; level++) {
    if (level) {
      const inside = positions.map((position, place) => (available[position] >= level ? place : -1)).filter((place) => place >= 0);
      const keys = Float64Array.from(inside, (place) => contexts[place] * symbols + stream[positions[place] - level]);
      positions = inside.map((place) => positions[place]);
      const { sorted, ranks } = ranked(keys);
      contexts = ranks;
      suffix.push(sorted.map((key) => levels.at(-2) + Math.floor(key / symbols)));
      oldest.push(sorted.map((key) => key % symbols));
      levels.push(levels.at(-1) + sorted.length);
    }
    const node = new Int32Array(length);
    positions.forEach((position, place) => { node[position] = levels.at(-2) + contexts[place]; });
    before.push(node);
    const pairs = Float64Array.from(positions, (position, place) => contexts[place] * symbols + stream[position]);
    const { sorted, ranks, first } = ranked(pairs), seen = new Float64Array(sorted.length);
    ranks.forEach((rank, place) => { seen[rank] += times[positions[place]]; });
    keysOf.push(sorted);
    firsts.push(first.map((place) => positions[place]));
    counts.push(seen);
  }
  const begun = before[Math.min(1, order - 1)][1], degrees = [], symbolsOf = [], targets = [];
  for (let level = 0; level < order; level++) {
    const keys = keysOf[level], low = levels[level], degree = new Float64Array(levels[level + 1] - low);
    for (const key of keys) degree[Math.floor(key / symbols)] += 1;
    degrees.push(degree);
    symbolsOf.push(keys.map((key) => key % symbols));
    const deeper = before[Math.min(level + 1, order - 1)];
    targets.push(keys.map((key, arc) => (key % symbols === END ? begun : deeper[Math.min(firsts[level][arc] + 1, length - 1)])));
    if (level + 1 === order) continue;
    // Kneser and Ney count the symbols that stand before; before END, in a document's first characters, none.
    const places = new Map(), extensions = new Float64Array(keys.length);
    keys.forEach((key, arc) => places.set(key, arc));
    for (const key of keysOf[level + 1]) {
      const shorter = (suffix[level + 1][Math.floor(key / symbols)] - low) * symbols + (key % symbols);
      extensions[places.get(shorter)] += 1;
    }
    extensions.forEach((extension, arc) => { if (extension) counts[level][arc] = extension; });
  }
  const whole = (arrays) => ({ data: concatenated(arrays) });
  return {
    levels: { data: Float64Array.from(levels) }, suffix: whole(suffix), oldest: whole(oldest), degree: whole(degrees),
    symbol: whole(symbolsOf), target: whole(targets), count: whole(counts),
  };
}

function concatenated(arrays) {
  const found = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let place = 0;
  for (const array of arrays) {
    found.set(array, place);
    place += array.length;
  }
  return found;
}
