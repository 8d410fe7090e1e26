// placeholder until ngram counts of `fit`: same fields as NGram where steering needs them
function buildNgram(documents, symbols, order) {
  const levels = [0, 1], nodes = [[]], ids = new Map([["", 0]]);
  const streams = documents.map((document) => [END, ...document]);
  for (let level = 1; level < order; level++) {
    for (const stream of streams) {
      for (let end = level; end <= stream.length; end++) {
        const context = stream.slice(end - level, end), key = context.join();
        if (ids.has(level + ":" + key)) continue;
        ids.set(level + ":" + key, nodes.length);
        nodes.push(context);
      }
    }
    levels.push(nodes.length);
  }
  const idOf = (context) => context.length ? ids.get(context.length + ":" + context.join()) : 0;
  const follow = (node, symbol) => {
    for (let context = symbol === END ? [END] : [...nodes[node], symbol].slice(1 - order); ; context = context.slice(1)) {
      const id = idOf(context);
      if (id !== undefined) return id;
    }
  };
  const depth = Uint8Array.from(nodes, (context) => context.length);
  return {
    symbols, order, levels, depth, nodes: nodes.length, suffix: nodes.map((context) => idOf(context.slice(1))),
    begun: follow(0, END), follow,
    start(batch) { return [{ data: new Int32Array(batch).fill(this.begun), width: 1 }]; },
    advance([state], read) { return [{ data: state.data.map((node, row) => follow(node, read[row])), width: 1 }]; },
  };
}
