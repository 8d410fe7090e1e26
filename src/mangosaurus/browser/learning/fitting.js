// The model of a list of names, as `fit` makes it without a network: the n-gram, the prior and their mixture, with
// discounts and weights fitted on what folds hold out. training/recipe.py says the steps, training/priors.py the prior's.

// {ngram, counts, discounts, prior, weights, record} of documents, lists of ids; `times` says how often each stands in the
// list, null: once.
function fit(documents, vocabulary, prior, times = null, seed = 0) {
  const counted = times && countsOfNames(times), symbols = vocabulary.size, folds = foldsOf(documents, seed);
  const chosen = (places) => places.map((place) => documents[place]);
  const counts = countNgrams(documents, symbols, ORDER, counted);
  const reader = new ListReader(prior, [documents], vocabulary);
  const record = { documents: documents.length, symbols: joinedDocuments(documents).length - 1, order: ORDER, members: 0, seed };
  const whole = prior.network(vocabulary, reader.vector(documents));
  if (!folds.length) {  // nothing tells how good the n-gram is; of so few names it is poor
    const weights = Float64Array.from({ length: 2 * (ORDER + 3) }, (_, place) => (place % 2 && place < 2 * ORDER ? 1 : 0));
    const ngram = new NGram(counts, usualDiscounts(ORDER), symbols);
    Object.assign(record, { held_out: null, held_out_symbols: 0, shares: { "n-gram": 0, prior: 1 } });
    return { ngram, counts, discounts: usualDiscounts(ORDER), prior: whole, weights, record };
  }
  const parts = folds.map(({ train, heldOut }) => {
    const own = countNgrams(chosen(train), symbols, ORDER, counted && train.map((place) => counted[place]));
    return { counts: own, contexts: new Contexts(own, symbols, ORDER), documents: chosen(heldOut), places: heldOut };
  });
  const discounts = fitDiscounts(evidenceOf(parts, ORDER), symbols);
  const vectors = folds.map(({ train }) => reader.vector(chosen(train)));
  const network = prior.network(vocabulary, concatenatedFloats(vectors));
  const most = Math.floor(Math.min(MOST_WEIGHED, Math.floor(MOST_WEIGHED_CELLS / symbols)) / folds.length);
  const measured = parts.map((part) => firstOf(part, most));
  const said = predict(network, measured.flatMap((part) => part.documents), measured.flatMap((part, fold) => (
    part.documents.map(() => fold))));
  let first = 0;
  const apart = measured.map((part) => {
    const { symbols: following, features, logProbs } = heldOutBy(part.documents, part.contexts, new NGram(part.counts, discounts, symbols));
    const prediction = said.slice(first * symbols, (first + following.length) * symbols);
    first += following.length;
    return new Predictions({
      symbols: following, features, width: ORDER + 3, size: symbols, models: [logProbs, prediction],
      counts: times && Float64Array.from(part.documents.flatMap((document, number) => (
        Array(document.length + 1).fill(times[part.places[number]])))),
    });
  });
  const center = prior.usualWeights(ORDER), held = Predictions.joined(apart), weights = fitWeights(held, center);
  Object.assign(record, measuredLosses(apart, center), {
    held_out_ngram: meanOfNumbers(held.lossesOf(0)),
    held_out_prior: meanOfNumbers(held.lossesOf(1)),
    shares: sharesOf(held, weights),
  });
  return { ngram: new NGram(counts, discounts, symbols), counts, discounts, prior: whole, weights, record };
}

// Of held-out documents, one after the other: their symbols, and the features and log p of each by an n-gram.
function heldOutBy(documents, contexts, ngram) {
  const nodes = [], following = [];
  for (const document of documents) {
    for (let at = 0; at <= document.length; at++) {
      nodes.push([...contexts.of(document, at)].at(-1));
      following.push(at < document.length ? document[at] : END);
    }
  }
  const logProbs = ngram.logProbs([{ data: Int32Array.from(nodes), width: 1 }]);
  return { symbols: Float64Array.from(following), features: featuresOf(ngram, nodes), logProbs };
}

// How often each name is counted, by the mean of its label: counts_of of training/name_weights.py.
function countsOfNames(times, labelOf = times.map(() => 0), labels = 1) {
  const sums = new Float64Array(labels), counts = new Float64Array(labels);
  times.forEach((each, place) => {
    sums[labelOf[place]] += each;
    counts[labelOf[place]] += 1;
  });
  return times.map((each, place) => Math.max(1, roundedToEven(each / (sums[labelOf[place]] / counts[labelOf[place]]))));
}

// The first documents of a fold, with about `most` symbols: cut_of of training/held_out.py.
function firstOf(part, most) {
  let count = 0;
  for (let symbols = 0; count < part.documents.length; count++) {
    symbols += part.documents[count].length + 1;
    if (symbols >= most) break;
  }
  return { ...part, documents: part.documents.slice(0, Math.max(1, count)) };
}

function measuredLosses(apart, center) {
  const { losses, counts } = crossFittedLosses(apart, center);
  const found = { held_out: meanOfNumbers(losses), held_out_symbols: losses.length };
  if (counts && counts.some((count) => count !== counts[0])) {
    const all = counts.reduce((sum, count) => sum + count, 0);
    found.held_out_weighted = losses.reduce((sum, loss, place) => sum + loss * counts[place], 0) / all;
  }
  return found;
}

// The mean exponents of the n-grams and of the prior, the last model, as shares of their sum.
function sharesOf({ symbols, features, width, models }, weights) {
  const sums = models.map(() => 0);
  symbols.forEach((_, row) => sums.forEach((_, model) => {
    let raw = 0;
    for (let feature = 0; feature < width; feature++) raw += features[row * width + feature] * weights[sums.length * feature + model];
    sums[model] += withinBounds(raw);
  }));
  const all = Math.max(sums.reduce((sum, each) => sum + each, 0), Number.MIN_VALUE), prior = sums.at(-1) / all;
  return { "n-gram": Math.round(1e4 * (1 - prior)) / 1e4, prior: Math.round(1e4 * prior) / 1e4 };
}

function meanOfNumbers(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function concatenatedFloats(arrays) {
  return Float32Array.from(concatenated(arrays));
}

// What the different names of some lists contribute to list vectors, each read once: _Read of training/priors.py.
class ListReader {
  constructor(prior, lists, vocabulary) {
    const most = Math.max(LEAST_READ, Math.floor(MOST_READ / lists.length)), chosen = lists.map((list) => namesRead(list, most));
    const read = namesRead(chosen.flat(), Infinity);
    Object.assign(this, { prior, vocabulary, found: prior.contributions(read, vocabulary) });
    const numbers = new Map(read.map((document, row) => [document.join(), row]));
    this.rows = chosen.map((list) => new Map(list.map((document) => [document.join(), numbers.get(document.join())])));
  }

  // The list vector of those of a list's documents that were read, or of the first ones if none was.
  vector(documents, list = 0) {
    const known = this.rows[list], numbers = new Set(documents.map((document) => known.get(document.join())));
    numbers.delete(undefined);
    const own = numbers.size ? this.found : this.prior.contributions(namesRead(documents.slice(0, LEAST_READ)), this.vocabulary);
    const rows = numbers.size ? [...numbers] : [...Array(own.data.length / own.width).keys()], total = new Float64Array(own.width);
    for (const row of rows) {
      for (let place = 0; place < own.width; place++) total[place] += own.data[row * own.width + place];
    }
    return this.prior.vector(total, rows.length);
  }
}
