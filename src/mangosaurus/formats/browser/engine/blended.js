// Several models in one, over their joined characters: models/blend.py.

class Parts {
  constructor(vocabulary, parts, weights) {
    Object.assign(this, { weights, symbols: vocabulary.size });
    this.models = parts.map(({ model }) => model);
    this.widths = this.models.map((model) => model.start(1).length);
    // Of each model, which of the joined symbols its own are; and the inverse, -1 for those it does not know.
    this.columns = parts.map((part) => [END, ...part.vocabulary.characters.map((symbol) => vocabulary.ids.get(symbol))]);
    this.own = this.columns.map((columns) => {
      const own = new Int32Array(this.symbols).fill(-1);
      columns.forEach((column, id) => { own[column] = id; });
      return own;
    });
  }

  start(batch) {
    return this.models.flatMap((model) => model.start(batch));
  }

  // Every model reads the symbols that it knows; of the others its state stays as it was.
  advance(state, symbols) {
    const parts = split(state, this.widths);
    return this.models.flatMap((model, place) => {
      const ids = Array.from(symbols, (symbol) => this.own[place][symbol]);
      const read = model.advance(parts[place], ids.map((id) => Math.max(id, END)));
      read.forEach(({ data, width }, array) => {
        const before = parts[place][array].data;
        ids.forEach((id, row) => {
          if (id < 0) data.set(before.subarray(row * width, (row + 1) * width), row * width);
        });
      });
      return read;
    });
  }
}

class Product extends Parts {
  logProbs(state) {
    const { symbols } = this, found = new Float64Array(rowsOf(state) * symbols), shares = new Float64Array(symbols);
    split(state, this.widths).forEach((part, place) => {
      const columns = this.columns[place], logProbs = this.models[place].logProbs(part);
      for (const column of columns) shares[column] += this.weights[place];
      logProbs.forEach((logProb, cell) => {
        const row = Math.floor(cell / columns.length);
        found[row * symbols + columns[cell % columns.length]] += this.weights[place] * logProb;
      });
    });
    return normalized(found.map((logit, cell) => logit / shares[cell % symbols]), symbols);
  }
}

// A state is the logarithm of every model's weight, and the states of the models.
class DocumentMixture extends Parts {
  start(batch) {
    const logs = Array.from(this.weights, Math.log);
    return [{ data: Float64Array.from(tiled(logs, batch)), width: logs.length }, ...super.start(batch)];
  }

  logProbs([weights, ...state]) {
    const { symbols } = this, count = weights.width;
    const found = new Float64Array(weights.data.length / count * symbols).fill(-Infinity);
    split(state, this.widths).forEach((part, place) => {
      const columns = this.columns[place];
      this.models[place].logProbs(part).forEach((logProb, cell) => {
        const row = Math.floor(cell / columns.length), to = row * symbols + columns[cell % columns.length];
        found[to] = logSum([found[to], weights.data[row * count + place] + logProb]);
      });
    });
    return found;
  }

  advance([weights, ...state], symbols) {
    const after = weights.data.slice(), count = weights.width;
    split(state, this.widths).forEach((part, place) => {
      const said = this.models[place].logProbs(part), known = this.columns[place].length;
      Array.from(symbols).forEach((symbol, row) => {
        const id = this.own[place][symbol];
        after[row * count + place] += id < 0 ? -Infinity : said[row * known + id];
      });
    });
    for (let first = 0; first < after.length; first += count) {
      const mine = after.subarray(first, first + count);
      // Where no model knows all that was read, they are weighed as at the start.
      if (mine.every((log) => log === -Infinity)) mine.set(Array.from(this.weights, Math.log));
      const all = logSum(mine);
      for (let place = 0; place < count; place++) mine[place] -= all;
    }
    return [{ data: after, width: count }, ...super.advance(state, symbols)];
  }
}
