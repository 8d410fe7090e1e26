// The words of a text: models/words.py. A state is a node; node `nodes` is any word that was not counted.

class Words {
  // `counts` are the arrays of WordCounts.
  constructor(counts, symbols) {
    const [letters, degree, symbol, count] = ["letters", "degree", "symbol", "count"].map((name) => counts[name].data);
    const nodes = degree.length, arcs = new Float64Array(nodes + 2), keys = [], ends = new Uint8Array(nodes);
    for (let node = 0; node < nodes; node++) {
      arcs[node + 1] = arcs[node] + degree[node];
      const own = symbol.subarray(arcs[node], arcs[node + 1]);
      ends[node] = own.some((each) => each !== END && !letters[each]);
      const next = [...new Set(Array.from(own, (each) => letters[each]).filter(Boolean))].sort((a, b) => a - b);
      next.forEach((letter) => keys.push(node * symbols + letter));
    }
    arcs[nodes + 1] = arcs[nodes];
    const roots = nodes - keys.length, suffix = new Int32Array(nodes + 1).fill(nodes), ended = new Int32Array(nodes + 1);
    Object.assign(this, { symbols, letters, nodes, arcs, symbol, roots, suffix, ended, keys: Float64Array.from(keys) });
    const alone = new Uint8Array(nodes);
    alone[0] = 1;
    suffix.fill(0, 1, roots);
    for (let node = 0, words = 0; node < nodes; node++) {
      if (node < roots) {
        ended[node] = node;
        continue;
      }
      const parent = Math.floor(keys[node - roots] / symbols);
      alone[node] = alone[parent];
      if (!alone[node]) suffix[node] = this.child(suffix[parent], keys[node - roots] % symbols);
      ended[node] = alone[node] ? ends[node] && ++words : ended[suffix[node]];
    }
    this.backoff = new Float64Array(nodes + 1).fill(1);
    this.kept = new Float64Array(symbol.length);
    this.features = new Float64Array(FEATURES * (nodes + 1));  // as in Python
    for (let node = 0; node < nodes; node++) {
      let total = 0;
      for (let arc = arcs[node]; arc < arcs[node + 1]; arc++) total += count[arc];
      const types = SHARE_OF_TYPES * degree[node];
      for (let arc = arcs[node]; arc < arcs[node + 1]; arc++) this.kept[arc] = count[arc] / (total + types);
      if (total) this.backoff[node] = types / (total + types);
      const after = suffix[node] < nodes, seen = [total, degree[node]].map((each) => Math.log(Math.max(each, 1)));
      this.features.set([Number(!after), Number(after), ...seen], FEATURES * node);
    }
  }

  // The node that a letter leads to from this one; -1 if none.
  child(node, letter) {
    const wanted = node * this.symbols + letter;
    let low = 0, high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return this.keys[low] === wanted ? this.roots + low : -1;
  }

  follow(node, symbol) {
    const letter = this.letters[symbol];
    if (!letter) return symbol === END ? 0 : this.ended[node];
    for (; node < this.nodes; node = this.suffix[node]) {
      const found = this.child(node, letter);
      if (found >= 0) return found;
    }
    return this.nodes;
  }

  start(batch) {
    return [{ data: new Int32Array(batch), width: 1 }];
  }

  advance(state, symbols) {
    return [{ data: state[0].data.map((node, row) => this.follow(node, symbols[row])), width: 1 }];
  }

  // features @ weights of every node: (nodes + 1, models).
  exponents(weights, models) {
    const found = new Float64Array((this.nodes + 1) * models);
    for (let cell = 0; cell < found.length; cell++) {
      const node = Math.floor(cell / models), model = cell % models;
      for (let each = 0; each < FEATURES; each++) {
        found[cell] += this.features[FEATURES * node + each] * weights[each * models + model];
      }
    }
    return found;
  }

  // log p of the next symbol, (batch, symbols); `others` is log p of what stands in place of that without a context.
  logProbs(state, others) {
    const { symbols, arcs, symbol, kept } = this, found = others.map(Math.exp);
    state[0].data.forEach((node, row) => {
      const own = found.subarray(row * symbols, (row + 1) * symbols);
      for (const each of [this.suffix[node], node]) {
        for (let cell = 0; cell < symbols; cell++) own[cell] *= this.backoff[each];
        for (let arc = arcs[each]; arc < arcs[each + 1]; arc++) own[symbol[arc]] += kept[arc];
      }
    });
    return found.map(Math.log);
  }
}
