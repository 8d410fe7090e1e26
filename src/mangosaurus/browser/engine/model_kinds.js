// From a model file's header and arrays to the model: what formats/native/kinds.py does.

// {vocabulary, model} of a header, or of a part of one; a model with labels has `rows` too.
function buildModel(header, arrays, memory) {
  const vocabulary = new Vocabulary(header.characters, header.segmentation, header.training?.unit), symbols = vocabulary.size;
  if (header.blend) {
    const parts = header.blend.parts.map((part, place) => buildModel(part, within(arrays, `part${place}.`), memory));
    const kinds = { product: Product, mixture: DocumentMixture };
    return { vocabulary, model: new kinds[header.blend.how](vocabulary, parts, arrays["blend.weights"].data) };
  }
  const ngram = new NGram(within(arrays, "ngram."), arrays["ngram.discounts"].data, symbols);
  const networks = header.cells.map((cell, place) => (
    new Recurrent(memory, cell, within(arrays, `network${place}.`), symbols)));
  const prior = header.prior ? new Prior(memory, within(arrays, "prior."), symbols) : null;
  if (header.labels) {
    const names = header.labels.map(([label]) => label), counts = header.labels.map(([, count]) => count);
    const own = labelsOf(within(arrays, "labels."), names.length, symbols);
    const rows = new LabelRows(names, counts, own, ngram, prior, networks, arrays["mixture.weights"].data);
    return { vocabulary, rows, model: new AllLabels(rows) };
  }
  const words = header.words ? new Words(within(arrays, "words."), symbols) : null;
  if (!words && !prior && !networks.length) return { vocabulary, model: ngram };
  return { vocabulary, model: new Mixture(ngram, prior, networks, arrays["mixture.weights"].data, words) };
}

// The n-grams of the labels, which lie joined: each is cut off by its levels and degrees.
function labelsOf(arrays, labels, symbols) {
  const depth = arrays.levels.shape[1], own = [];
  for (let label = 0, node = 0, arc = 0; label < labels; label++) {
    const levels = arrays.levels.data.slice(label * depth, (label + 1) * depth);
    const lastNode = node + Number(levels[depth - 1]);
    const lastArc = arc + arrays.degree.data.subarray(node, lastNode).reduce((sum, degree) => sum + degree, 0);
    const counts = { levels: { data: levels } };
    for (const name of ["suffix", "oldest", "degree"]) counts[name] = { data: arrays[name].data.slice(node, lastNode) };
    for (const name of ["symbol", "target", "count"]) counts[name] = { data: arrays[name].data.slice(arc, lastArc) };
    own.push(new NGram(counts, arrays.discounts.data, symbols));
    [node, arc] = [lastNode, lastArc];
  }
  return own;
}
