// A model steered towards some names and away from others: models/steered.py has the formulas.

const FLOOR = 0.01;

class Steered {
  // `prior` has as many lists as there are `weights`; `table` is (nodes of the n-gram, symbols).
  constructor(model, prior, weights, contexts, table, scale = 1) {
    Object.assign(this, { model, prior, weights, contexts, table, scale, symbols: model.symbols });
    this.ngram = model instanceof NGram ? model : model.ngram;  // from which guides are built
    this.ending = new Float64Array(1);  // after 0, 1, … symbols read; the last is that of more too
    this.lists = Array.from(weights, (_, list) => list);
    this.widths = [model, prior, contexts].map((each) => each.start(1).length);
  }

  start(batch) {
    const lists = folded(this.prior.startWith(tiled(this.lists, batch)), this.lists.length);
    const read = { data: new Int32Array(batch), width: 1 };
    return [...this.model.start(batch), ...lists, ...this.contexts.start(batch), read];
  }

  logProbs(state) {
    const { symbols, weights, table, ending } = this, count = weights.length;
    const [own, lists, [node]] = split(state, this.widths), { data: read } = state.at(-1);
    const found = this.model.logProbs(own), p = new Float64Array(symbols), fitted = new Float64Array(symbols);
    const byList = normalized(this.prior.logits(unfolded(lists, count)), symbols);
    read.forEach((length, row) => {
      const first = row * symbols, from = node.data[row] * symbols;
      let most = -Infinity, sum = 0;
      for (let symbol = 0; symbol < symbols; symbol++) {
        let more = table[from + symbol];
        for (let list = 0, cell = row * count * symbols + symbol; list < count; list++, cell += symbols) {
          more += weights[list] * byList[cell];
        }
        fitted[symbol] = more;
        most = Math.max(most, more);
      }
      for (let symbol = 0; symbol < symbols; symbol++) {
        p[symbol] = Math.exp(found[first + symbol]);
        fitted[symbol] = p[symbol] * Math.exp(fitted[symbol] - most);
        sum += fitted[symbol];
      }
      for (let symbol = 0; symbol < symbols; symbol++) {
        found[first + symbol] += this.scale * Math.log((fitted[symbol] / sum + FLOOR) / (p[symbol] + FLOOR));
      }
      found[first + END] += ending[Math.min(length, ending.length - 1)];
    });
    return normalized(found, symbols);
  }

  advance(state, symbols) {
    const [own, lists, node] = split(state, this.widths), count = this.lists.length, { data: read } = state.at(-1);
    const every = eachTimes(symbols, count);
    return [
      ...this.model.advance(own, symbols),
      ...folded(this.prior.advance(unfolded(lists, count), every), count),
      ...this.contexts.advance(node, symbols),
      { data: read.map((length) => length + 1), width: 1 },
    ];
  }
}
