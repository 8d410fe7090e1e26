// The n-gram as a back-off automaton: models/ngram.py. A state is a node; reading a symbol follows an arc.

class NGram {
  // `counts` are the arrays of NGramCounts, `discounts` (order, 3), the rows after each other.
  constructor(counts, discounts, symbols) {
    const [levels, suffix, oldest] = [counts.levels.data, counts.suffix.data, counts.oldest.data];
    const [degree, symbol, target] = [counts.degree.data, counts.symbol.data, counts.target.data];
    const nodes = suffix.length, count = counts.count.data, order = levels.length - 1;
    Object.assign(this, { symbols, levels, suffix, oldest, degree, symbol, target, nodes, order });
    this.first = new Float64Array(nodes + 1);
    this.depth = new Uint8Array(nodes);
    this.total = new Float64Array(nodes);
    this.backoff = new Float64Array(nodes);
    this.kept = new Float64Array(symbol.length);
    for (let node = 0, level = 0; node < nodes; node++) {
      while (node >= levels[level + 1]) level++;
      const first = this.first[node], last = first + degree[node];
      this.depth[node] = level;
      this.first[node + 1] = last;
      let total = 0, taken = 0;
      for (let arc = first; arc < last; arc++) {
        total += count[arc];
        taken += discounts[3 * level + Math.min(count[arc], 3) - 1];
      }
      for (let arc = first; arc < last; arc++) {
        this.kept[arc] = (count[arc] - discounts[3 * level + Math.min(count[arc], 3) - 1]) / total;
      }
      this.total[node] = total;
      this.backoff[node] = taken / total;
    }
    // The empty context ends every chain: its distribution is dense.
    this.unigram = new Float64Array(symbols).fill(this.backoff[0] / symbols);
    for (let arc = 0; arc < degree[0]; arc++) this.unigram[symbol[arc]] += this.kept[arc];
    this.begun = this.follow(0, END);
  }

  // The target of the arc of `symbol` from the longest suffix of the node's context that has one.
  follow(node, symbol) {
    for (;;) {
      let low = this.first[node], high = this.first[node + 1];
      const end = high;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.symbol[middle] < symbol) low = middle + 1;
        else high = middle;
      }
      if (low < end && this.symbol[low] === symbol) return this.target[low];
      if (node === 0) return 0;
      node = this.suffix[node];
    }
  }

  start(batch) {
    return [{ data: new Int32Array(batch).fill(this.begun), width: 1 }];
  }

  advance(state, symbols) {
    return [{ data: state[0].data.map((node, row) => this.follow(node, symbols[row])), width: 1 }];
  }

  // log p of the next symbol, (batch, symbols): each node of the chain of suffixes adds what its arcs kept, times the
  // back-off weights of the longer contexts.
  logProbs(state) {
    const { symbols, first, symbol, kept, unigram } = this, found = new Float64Array(state[0].data.length * symbols);
    state[0].data.forEach((node, row) => {
      const place = row * symbols;
      let weight = 1;
      for (; node; node = this.suffix[node]) {
        for (let arc = first[node]; arc < first[node + 1]; arc++) found[place + symbol[arc]] += weight * kept[arc];
        weight *= this.backoff[node];
      }
      for (let each = 0; each < symbols; each++) {
        found[place + each] = Math.log(found[place + each] + weight * unigram[each]);
      }
    });
    return found;
  }

  // All contexts of up to `length` symbols written out: the node after each symbol and its probability, (nodes, symbols).
  table(length) {
    const { symbols } = this, nodes = this.levels[Math.min(length + 1, this.order)];
    const target = new Int32Array(nodes * symbols), probability = new Float64Array(nodes * symbols);
    probability.set(this.unigram);
    for (let node = 0; node < nodes; node++) {
      const place = node * symbols, shorter = this.suffix[node] * symbols;
      if (node) {  // as its suffix goes on, except its own arcs
        target.set(target.subarray(shorter, shorter + symbols), place);
        for (let each = 0; each < symbols; each++) {
          probability[place + each] = this.backoff[node] * probability[shorter + each];
        }
      }
      for (let arc = this.first[node]; arc < this.first[node + 1]; arc++) {
        target[place + this.symbol[arc]] = this.target[arc];
        if (node) probability[place + this.symbol[arc]] += this.kept[arc];
      }
    }
    return { nodes, target, probability };
  }
}
