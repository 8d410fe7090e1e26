// The model of a list of names with labels, as `fit` makes it without a network: training/label_ngrams.py, and
// training/recipe.py for the rest. All labels share the n-gram of all names, and each has one of its own.

// {own, common, prior, weights, shares, record} of documents, each with the number of its label in `labelOf`.
function fitLabelled(documents, labelOf, labels, vocabulary, prior, times = null, seed = 0) {
  const symbols = vocabulary.size, width = ORDER + 3, places = [...documents.keys()];
  const counted = times && countsOfNames(times, labelOf, labels), chosen = (some) => some.map((place) => documents[place]);
  const countsOf = (some, alone = new Set()) => countNgrams(chosen(some), symbols, ORDER, (
    counted && some.map((place) => (alone.has(place) ? 1 : counted[place]))));
  const ofLabel = (some, label) => some.filter((place) => labelOf[place] === label), every = [...Array(labels).keys()];
  const folds = withEveryLabel(foldsOf(documents.map((document, place) => [labelOf[place], ...document]), seed), labelOf, labels, seed);
  const reader = new ListReader(prior, every.map((label) => chosen(ofLabel(places, label))), vocabulary);
  const vectorsOf = (some) => every.map((label) => reader.vector(chosen(ofLabel(some, label)), label));
  const common = countsOf(places), own = every.map((label) => countsOf(ofLabel(places, label)));
  const shares = every.map((label) => ofLabel(places, label).reduce((sum, place) => sum + (times ? times[place] : 1), 0));
  const record = { documents: documents.length, symbols: joinedDocuments(documents).length - 1, order: ORDER, members: 0, seed };
  const whole = prior.network(vocabulary, concatenatedFloats(vectorsOf(places)));
  const made = (weights, discounts, ownDiscounts) => ({
    common, own, discounts, ownDiscounts, weights, prior: whole, shares, record,
    ngram: new NGram(common, discounts, symbols), ownNgrams: own.map((counts) => new NGram(counts, ownDiscounts, symbols)),
  });
  if (!folds.length) {
    const weights = Float64Array.from({ length: 6 * width }, (_, place) => (place % 3 === 2 && place < 3 * ORDER ? 1 : 0));
    Object.assign(record, { held_out: null, held_out_symbols: 0, shares: { "n-gram": 0, prior: 1 } });
    return made(weights, usualDiscounts(ORDER), usualDiscounts(ORDER));
  }
  const contextsOf = (counts) => ({ counts, contexts: new Contexts(counts, symbols, ORDER) });
  const parts = folds.map(({ train, heldOut, alone }) => ({
    train, places: heldOut, documents: chosen(heldOut), common: contextsOf(countsOf(train, alone)),
    own: every.map((label) => contextsOf(countsOf(ofLabel(train, label), alone))),
  }));
  const discounts = fitDiscounts(evidenceOf(parts.map((part) => ({ ...part.common, documents: part.documents })), ORDER), symbols);
  const ownDiscounts = fitDiscounts(evidenceOf(parts.flatMap((part) => every.map((label) => (
    { ...part.own[label], documents: chosen(ofLabel(part.places, label)) }))), ORDER), symbols);
  const most = Math.floor(Math.floor(Math.min(MOST_WEIGHED, Math.floor(MOST_WEIGHED_CELLS / symbols)) / folds.length) / 2);
  const measured = parts.map((part) => firstOf(part, most));
  const network = prior.network(vocabulary, concatenatedFloats(parts.flatMap(({ train }) => vectorsOf(train))));
  const said = predict(network, measured.flatMap((part) => part.documents), measured.flatMap((part, fold) => (
    part.documents.map((_, number) => fold * labels + labelOf[part.places[number]]))));
  let first = 0;
  const apart = measured.map((part) => {
    const ngrams = part.own.map(({ counts }) => new NGram(counts, ownDiscounts, symbols));
    const shared = heldOutBy(part.documents, part.common.contexts, new NGram(part.common.counts, discounts, symbols)), count = shared.symbols.length;
    const features = new Float64Array(2 * width * count), logProbs = new Float64Array(count * symbols), weights = [];
    let row = 0;
    part.documents.forEach((document, number) => {
      const label = labelOf[part.places[number]], mine = heldOutBy([document], part.own[label].contexts, ngrams[label]);
      logProbs.set(mine.logProbs, row * symbols);
      for (let at = 0; at <= document.length; at++, row++) {
        features.set(mine.features.subarray(at * width, (at + 1) * width), 2 * width * row);
        features.set(shared.features.subarray(row * width, (row + 1) * width), 2 * width * row + width);
        if (times) weights.push(times[part.places[number]]);
      }
    });
    const prediction = said.slice(first * symbols, (first + count) * symbols);
    first += count;
    return new Predictions({
      symbols: shared.symbols, features, width: 2 * width, size: symbols,
      models: [logProbs, shared.logProbs, prediction], counts: times && Float64Array.from(weights),
    });
  });
  const usual = prior.usualWeights(ORDER), center = new Float64Array(6 * width);
  for (let feature = 0; feature < width; feature++) {
    center.set([usual[2 * feature] / 2, usual[2 * feature] / 2, usual[2 * feature + 1]], 3 * feature);
  }
  const held = Predictions.joined(apart), weights = fitWeights(held, center);
  Object.assign(record, measuredLosses(apart, center), {
    held_out_prior: meanOfNumbers(held.lossesOf(2)), shares: sharesOf(held, weights),
  });
  return made(weights, discounts, ownDiscounts);
}

// The folds, changed so that none holds out all names of a label: with_every_label of training/label_ngrams.py.
function withEveryLabel(folds, labelOf, labels, seed) {
  return folds.slice(0, Math.max(1, Math.floor(MOST_COUNTED_APART / labels))).map(({ train, heldOut }, number) => {
    const kept = new Set(train.map((place) => labelOf[place])), measured = heldOut.filter((place) => kept.has(labelOf[place]));
    const alone = heldOut.filter((place) => !kept.has(labelOf[place]));
    const order = new Pcg64([seed, 2, number]).permutation(measured.length);
    return { train: [...train, ...alone], heldOut: Array.from(order, (place) => measured[place]), alone: new Set(alone) };
  }).filter(({ heldOut }) => heldOut.length);
}
