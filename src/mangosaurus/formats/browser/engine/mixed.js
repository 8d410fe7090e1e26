// The n-gram times the networks (models/mixture.py), and the same for names with labels (models/labelled.py).

// features(node) @ weights of every node of an n-gram, (nodes, models); `weights` is (order + 3, models).
function exponentsOf(ngram, weights, models) {
  const found = new Float64Array(ngram.nodes * models), { order } = ngram;
  for (let node = 0; node < ngram.nodes; node++) {
    for (let model = 0; model < models; model++) {
      found[node * models + model] = weights[ngram.depth[node] * models + model]
        + Math.log(ngram.total[node]) * weights[order * models + model]
        + Math.log(ngram.degree[node]) * weights[(order + 1) * models + model]
        + (ngram.total[node] === 1 ? weights[(order + 2) * models + model] : 0);
    }
  }
  return found;
}

function withinBounds(exponent) {
  return Math.min(Math.max(exponent, 0), LARGEST_EXPONENT);
}

// The mean of the networks' logits; `parts` are their states.
function meanLogits(networks, parts) {
  const mean = networks[0].logits(parts[0]);
  networks.slice(1).forEach((network, place) => {
    network.logits(parts[place + 1]).forEach((logit, cell) => { mean[cell] += logit; });
  });
  return networks.length > 1 ? mean.map((sum) => sum / networks.length) : mean;
}

// The states of several models, concatenated; `widths` are their numbers of arrays.
function split(state, widths) {
  let first = 0;
  return widths.map((width) => state.slice(first, (first += width)));
}

class Mixture {
  constructor(ngram, networks, weights) {
    Object.assign(this, { ngram, networks, symbols: ngram.symbols });
    this.exponents = exponentsOf(ngram, weights, 2).map(withinBounds);
    this.widths = [1, ...networks.map((network) => network.start(1).length)];
  }

  start(batch) {
    return [this.ngram, ...this.networks].flatMap((model) => model.start(batch));
  }

  logProbs(state) {
    const [node, ...parts] = split(state, this.widths), { symbols, exponents } = this;
    const found = this.ngram.logProbs(node), logits = meanLogits(this.networks, parts);
    node[0].data.forEach((each, row) => {
      const a = exponents[2 * each], b = exponents[2 * each + 1];
      for (let cell = row * symbols; cell < (row + 1) * symbols; cell++) found[cell] = a * found[cell] + b * logits[cell];
    });
    return normalized(found, symbols);
  }

  advance(state, symbols) {
    const parts = split(state, this.widths);
    return [this.ngram, ...this.networks].flatMap((model, place) => model.advance(parts[place], symbols));
  }
}

// What labels have in common: rows, each with the number of its label.
class LabelRows {
  // `own` has an n-gram a label, `common` is that of all names; `weights` is (2 x (order + 3), models).
  constructor(labels, counts, own, common, networks, weights) {
    Object.assign(this, { labels, own, common, networks, symbols: common.symbols });
    const all = counts.reduce((sum, count) => sum + count, 0), half = weights.length / 2;
    this.models = networks.length ? 3 : 2;
    this.logPrior = counts.map((count) => Math.log(count / all));
    this.ownExponents = own.map((each) => exponentsOf(each, weights.subarray(0, half), this.models));
    this.commonExponents = exponentsOf(common, weights.subarray(half), this.models);
    this.widths = [1, 1, ...networks.map((network) => network.start(1).length)];
  }

  start(labels) {
    const own = Int32Array.from(labels, (label) => this.own[label].begun);
    const networks = this.networks.flatMap((network) => network.startWith(labels.map((label) => this.symbols + label)));
    return [{ data: own, width: 1 }, ...this.common.start(labels.length), ...networks];
  }

  logProbs(labels, state) {
    const [[own], common, ...parts] = split(state, this.widths), { symbols, models } = this;
    const found = this.common.logProbs(common);
    const logits = models === 3 ? meanLogits(this.networks, parts) : null;
    labels.forEach((label, row) => {
      const [node, shared] = [own.data[row], common[0].data[row]];
      const exponents = Array.from({ length: models }, (_, model) => withinBounds(
        this.ownExponents[label][node * models + model] + this.commonExponents[shared * models + model]));
      const mine = this.own[label].logProbs([{ data: Int32Array.of(node), width: 1 }]);
      for (let symbol = 0; symbol < symbols; symbol++) {
        const cell = row * symbols + symbol;
        found[cell] = exponents[0] * mine[symbol] + exponents[1] * found[cell];
        if (logits) found[cell] += exponents[2] * logits[cell];
      }
    });
    return normalized(found, symbols);
  }

  advance(labels, state, symbols) {
    const [[own], common, ...parts] = split(state, this.widths);
    const nodes = own.data.map((node, row) => this.own[labels[row]].follow(node, symbols[row]));
    const networks = this.networks.flatMap((network, place) => network.advance(parts[place], symbols));
    return [{ data: nodes, width: 1 }, ...this.common.advance(common, symbols), ...networks];
  }
}

// Rows of labels as rows of the batch, and back: `labels` of them belong to one row.
function folded(state, labels) {
  return state.map(({ data, width }) => ({ data, width: width * labels }));
}

function unfolded(state, labels) {
  return state.map(({ data, width }) => ({ data, width: width / labels }));
}

function tiled(list, times) {
  return Array.from({ length: list.length * times }, (_, place) => list[place % list.length]);
}

function eachTimes(list, times) {
  return Array.from({ length: list.length * times }, (_, place) => list[Math.floor(place / times)]);
}

// The model of one label, or of several weighed at every symbol.
class LabelBlend {
  constructor(rows, labels, weights) {
    Object.assign(this, { rows, labels, weights, symbols: rows.symbols });
    this.ngram = labels.length > 1 ? rows.common : rows.own[labels[0]];
  }

  start(batch) {
    return folded(this.rows.start(tiled(this.labels, batch)), this.labels.length);
  }

  logProbs(state) {
    const batch = rowsOf(state), count = this.labels.length, { symbols } = this;
    const found = this.rows.logProbs(tiled(this.labels, batch), unfolded(state, count));
    if (count === 1) return found;
    const blended = new Float64Array(batch * symbols);
    found.forEach((logProb, cell) => {
      const row = Math.floor(cell / symbols);
      blended[Math.floor(row / count) * symbols + (cell % symbols)] += this.weights[row % count] * logProb;
    });
    return normalized(blended, symbols);
  }

  advance(state, symbols) {
    const count = this.labels.length, labels = tiled(this.labels, symbols.length);
    return folded(this.rows.advance(labels, unfolded(state, count), eachTimes(symbols, count)), count);
  }
}

// The model without a label: the sum over all of them. A state has, for every label, log p(label and what was read),
// what it predicts, and the rows.
class AllLabels {
  constructor(rows) {
    Object.assign(this, { rows, symbols: rows.symbols, ngram: rows.common });
    this.every = rows.labels.map((_, label) => label);
  }

  start(batch) {
    const joint = Float64Array.from(tiled(this.rows.logPrior, batch));
    return this.state(joint, this.rows.start(tiled(this.every, batch)));
  }

  state(joint, rows) {
    const count = this.every.length, batch = joint.length / count;
    const predicted = this.rows.logProbs(tiled(this.every, batch), rows);
    return [{ data: joint, width: count }, ...folded([{ data: predicted, width: this.symbols }, ...rows], count)];
  }

  logProbs([joint, predicted]) {
    const count = this.every.length, { symbols } = this, batch = joint.data.length / count;
    const found = new Float64Array(batch * symbols);
    for (let row = 0; row < batch; row++) {
      const mine = joint.data.subarray(row * count, (row + 1) * count), all = logSum(mine);
      for (let symbol = 0; symbol < symbols; symbol++) {
        const each = mine.map((log, label) => log + predicted.data[(row * count + label) * symbols + symbol]);
        found[row * symbols + symbol] = logSum(each) - all;
      }
    }
    return found;
  }

  advance([joint, predicted, ...rows], symbols) {
    const count = this.every.length;
    const after = joint.data.map((log, place) => (
      log + predicted.data[place * this.symbols + symbols[Math.floor(place / count)]]));
    const labels = tiled(this.every, symbols.length);
    return this.state(after, this.rows.advance(labels, unfolded(rows, count), eachTimes(symbols, count)));
  }
}
