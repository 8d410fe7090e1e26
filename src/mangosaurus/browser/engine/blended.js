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

  // Every model reads the symbols that it knows, and in place of others what readAs says; for -1 its state stays as it
  // was.
  advance(state, symbols) {
    const parts = split(state, this.widths);
    return this.models.flatMap((model, place) => {
      let ids = Array.from(symbols, (symbol) => this.own[place][symbol]);
      if (ids.some((id) => id < 0)) ids = this.readAs(place, parts[place], symbols, ids);
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

  readAs(place, part, symbols, ids) {
    return ids;
  }
}

// Where a blend within a blend gives a character no probability, its logarithm counts as this in a mean.
const LEAST_LOG = -50;
const CATEGORIES = [
  "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
  "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
].map((name) => [name, new RegExp(`^\\p{${name}}`, "u")]);

// The Unicode category of a symbol, such as Lu of capitals: of several characters, of the first.
const categoryOf = (symbol) => CATEGORIES.find(([, is]) => is.test(symbol))?.[0] ?? "Cn";

class Product extends Parts {
  constructor(vocabulary, parts, weights) {
    super(vocabulary, parts, weights);
    const categories = ["", ...vocabulary.characters.map(categoryOf)];
    // Of each model, by category: its own symbols, and those of the joined ones that it does not know.
    this.others = this.columns.map((columns, place) => {
      const unknown = [...categories.keys()].filter((symbol) => this.own[place][symbol] < 0);
      return [...new Set(unknown.map((symbol) => categories[symbol]))].map((category) => ({
        missing: unknown.filter((symbol) => categories[symbol] === category),
        known: [...columns.keys()].filter((id) => categories[columns[id]] === category),
      })).filter(({ known }) => known.length);
    });
  }

  logProbs(state) {
    const { symbols } = this, found = new Float64Array(rowsOf(state) * symbols), shares = new Float64Array(symbols);
    split(state, this.widths).forEach((part, place) => {
      const columns = this.columns[place], logProbs = this.models[place].logProbs(part), weight = this.weights[place];
      for (const column of columns) shares[column] += weight;
      logProbs.forEach((logProb, cell) => {
        const row = Math.floor(cell / columns.length);
        found[row * symbols + columns[cell % columns.length]] += weight * logProb;
      });
      for (const { missing, known } of this.others[place]) {
        for (const symbol of missing) shares[symbol] += weight;
        for (let row = 0; row < rowsOf(state); row++) {
          let sum = 0;
          for (const id of known) sum += Math.max(logProbs[row * columns.length + id], LEAST_LOG);
          for (const symbol of missing) found[row * symbols + symbol] += weight * sum / known.length;
        }
      }
    });
    return normalized(found.map((logit, cell) => logit / shares[cell % symbols]), symbols);
  }

  // In place of a symbol that it does not know, a model reads its likeliest one of the same category.
  readAs(place, part, symbols, ids) {
    const said = this.models[place].logProbs(part), width = this.columns[place].length;
    return ids.map((id, row) => {
      if (id >= 0) return id;
      const known = this.others[place].find(({ missing }) => missing.includes(symbols[row]))?.known ?? [];
      const logProb = (other) => said[row * width + other];
      return known.reduce((best, other) => best < 0 || logProb(other) > logProb(best) ? other : best, -1);
    });
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
