// The n-gram times the words, the prior and the networks (models/mixture.py), and the same with labels (models/labelled.py).

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

// The logits of the prior and the mean of the networks', if there are any; `parts` are their states.
function logitsOf(prior, networks, parts) {
  const found = prior ? [prior.logits(parts[0])] : [];
  if (networks.length) found.push(meanLogits(networks, prior ? parts.slice(1) : parts));
  return found;
}

// The states of several models, concatenated; `widths` are their numbers of arrays.
function split(state, widths) {
  let first = 0;
  return widths.map((width) => state.slice(first, (first += width)));
}

// From cell `first` to `last` of `found`, the product of what is there and of the logits, each with its exponent.
function weigh(found, logits, exponents, first, last) {
  for (let cell = first; cell < last; cell++) found[cell] *= exponents[0];
  logits.forEach((each, place) => {
    const exponent = exponents[place + 1];
    for (let cell = first; cell < last; cell++) found[cell] += exponent * each[cell];
  });
}

class Mixture {
  // `prior` and `words` are null in a model without them; `weights` is (features, models).
  constructor(ngram, prior, networks, weights, words = null) {
    Object.assign(this, { ngram, words, prior, networks, symbols: ngram.symbols });
    this.all = [ngram, words, prior, ...networks].filter(Boolean);
    this.models = 1 + Boolean(words) + Boolean(prior) + Boolean(networks.length);
    const own = exponentsOf(ngram, weights, this.models);
    this.tables = words
      ? [own, words.exponents(weights.subarray((ngram.order + 3) * this.models), this.models)] : [own.map(withinBounds)];
    this.widths = this.all.map((model) => model.start(1).length);
  }

  start(batch) {
    return this.all.flatMap((model) => model.start(batch));
  }

  // The exponents of the models in one row.
  exponents(state, row) {
    const { models } = this;
    const [own, other] = this.tables.map((table, place) => {
      const node = state[place].data[row];
      return table.subarray(node * models, (node + 1) * models);
    });
    return other ? own.map((each, model) => withinBounds(each + other[model])) : own;
  }

  logProbs(state) {
    const [node, ...parts] = split(state, this.widths), { symbols, words } = this, found = this.ngram.logProbs(node);
    const said = words ? [words.logProbs(parts.shift(), found)] : [];
    const logits = [...said, ...logitsOf(this.prior, this.networks, parts)];
    node[0].data.forEach((_, row) => {
      weigh(found, logits, this.exponents(state, row), row * symbols, (row + 1) * symbols);
    });
    return normalized(found, symbols);
  }

  advance(state, symbols) {
    const parts = split(state, this.widths);
    return this.all.flatMap((model, place) => model.advance(parts[place], symbols));
  }
}

// What labels have in common: rows, each with the number of its label.
class LabelRows {
  // `own` has an n-gram a label, `common` is that of all names; `weights` is (2 x (order + 3), models).
  constructor(labels, counts, own, common, prior, networks, weights) {
    Object.assign(this, { labels, own, common, prior, networks, symbols: common.symbols });
    const all = counts.reduce((sum, count) => sum + count, 0), half = weights.length / 2;
    this.models = 2 + Boolean(prior) + Boolean(networks.length);
    this.logPrior = counts.map((count) => Math.log(count / all));
    this.ownExponents = own.map((each) => exponentsOf(each, weights.subarray(0, half), this.models));
    this.commonExponents = exponentsOf(common, weights.subarray(half), this.models);
    this.learnt = prior ? [prior, ...networks] : networks;
    this.widths = [1, 1, ...this.learnt.map((model) => model.start(1).length)];
  }

  start(labels) {
    const own = Int32Array.from(labels, (label) => this.own[label].begun);
    const networks = this.networks.flatMap((network) => network.startWith(labels.map((label) => this.symbols + label)));
    const prior = this.prior ? this.prior.startWith(labels) : [];
    return [{ data: own, width: 1 }, ...this.common.start(labels.length), ...prior, ...networks];
  }

  logProbs(labels, state) {
    const [[own], common, ...parts] = split(state, this.widths), { symbols, models } = this;
    const found = this.common.logProbs(common), logits = logitsOf(this.prior, this.networks, parts);
    labels.forEach((label, row) => {
      const [node, shared] = [own.data[row], common[0].data[row]];
      const exponents = Array.from({ length: models }, (_, model) => withinBounds(
        this.ownExponents[label][node * models + model] + this.commonExponents[shared * models + model]));
      const mine = this.own[label].logProbs([{ data: Int32Array.of(node), width: 1 }]);
      for (let symbol = 0; symbol < symbols; symbol++) {
        const cell = row * symbols + symbol;
        found[cell] = exponents[0] * mine[symbol] + exponents[1] * found[cell];
      }
      weigh(found, logits, [1, ...exponents.slice(2)], row * symbols, (row + 1) * symbols);
    });
    return normalized(found, symbols);
  }

  advance(labels, state, symbols) {
    const [[own], common, ...parts] = split(state, this.widths);
    const nodes = own.data.map((node, row) => this.own[labels[row]].follow(node, symbols[row]));
    const learnt = this.learnt.flatMap((model, place) => model.advance(parts[place], symbols));
    return [{ data: nodes, width: 1 }, ...this.common.advance(common, symbols), ...learnt];
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
