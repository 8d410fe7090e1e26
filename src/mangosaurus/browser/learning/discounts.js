// The discounts of modified Kneser-Ney smoothing, fitted on held-out names: training/ngram_counts.py, models/ngram.py.

// Of an automaton: N(u) and how many arcs have a count of 1, of 2, and of more, by node; and contexts by their symbols.
class Contexts {
  constructor(counts, symbols, order) {
    const [degree, count] = [counts.degree.data, counts.count.data], nodes = degree.length;
    Object.assign(this, { symbols, order, counts });
    this.first = new Float64Array(nodes + 1);
    this.total = new Float64Array(nodes);
    this.types = new Float64Array(3 * nodes);
    for (let node = 0; node < nodes; node++) {
      const last = this.first[node + 1] = this.first[node] + degree[node];
      for (let arc = this.first[node]; arc < last; arc++) {
        this.total[node] += count[arc];
        this.types[3 * node + Math.min(count[arc], 3) - 1] += 1;
      }
    }
    this.longer = new Map();
    for (let node = 1; node < nodes; node++) {
      this.longer.set(counts.suffix.data[node] * symbols + counts.oldest.data[node], node);
    }
    this.arcs = new Map();
    for (let node = 0; node < nodes; node++) {
      for (let arc = this.first[node]; arc < this.first[node + 1]; arc++) {
        this.arcs.set(node * symbols + counts.symbol.data[arc], count[arc]);
      }
    }
  }

  // The nodes of the contexts, shorter ones first, of symbol `place` of a document, which may be its END.
  *of(document, place) {
    let node = 0;
    yield node;
    for (let back = 1; back < this.order && back <= place + 1; back++) {
      node = this.longer.get(node * this.symbols + (back > place ? END : document[place - back]));
      if (node === undefined) return;
      yield node;
    }
  }
}

// The evidence of held-out symbols: for each level its symbols' counts, totals and types, zeros where a context is new.
// `parts` are pairs of Contexts and the documents that are new to them. And each symbol's node, the longest.
function evidenceOf(parts, order) {
  const size = parts.reduce((sum, { documents }) => sum + documents.reduce((all, each) => all + each.length + 1, 0), 0);
  const count = new Float64Array(order * size), total = new Float64Array(order * size), types = new Float64Array(3 * order * size);
  let place = 0;
  for (const { contexts, documents } of parts) {
    for (const document of documents) {
      for (let at = 0; at <= document.length; at++, place++) {
        const symbol = at < document.length ? document[at] : END;
        let level = 0;
        for (const node of contexts.of(document, at)) {
          const cell = level * size + place;
          count[cell] = contexts.arcs.get(node * contexts.symbols + symbol) ?? 0;
          total[cell] = contexts.total[node];
          for (let kind = 0; kind < 3; kind++) types[3 * cell + kind] = contexts.types[3 * node + kind];
          level += 1;
        }
      }
    }
  }
  return { size, order, count, total, types };
}

// The discounts, (order, 3), under which held-out symbols are most probable.
function fitDiscounts(evidence, symbols) {
  const center = Float64Array.from({ length: 3 * evidence.order }, (_, place) => (
    Math.log(USUAL[place % 3] / (LARGEST_DISCOUNTS[place % 3] - USUAL[place % 3]))));
  return discountsOf(maximize((logits) => likelihoodOfDiscounts(evidence, discountsOf(logits), 1 / symbols), center));
}

function usualDiscounts(order) {
  return Float64Array.from({ length: 3 * order }, (_, place) => USUAL[place % 3]);
}

function discountsOf(logits) {
  return logits.map((logit, place) => LARGEST_DISCOUNTS[place % 3] / (1 + Math.exp(-logit)));
}

// log p of the symbols, its gradient by each logit, and the outer product of the symbols' gradients.
function likelihoodOfDiscounts({ size, order, count, total, types }, discounts, uniform) {
  const parameters = 3 * order, slope = new Float64Array(parameters), curvature = new Float64Array(parameters ** 2);
  const gradient = new Float64Array(parameters), slopes = new Float64Array(parameters), backoffs = new Float64Array(order);
  const byLogit = discounts.map((discount, place) => discount * (1 - discount / LARGEST_DISCOUNTS[place % 3]));
  let value = 0;
  for (let place = 0; place < size; place++) {
    let probability = uniform, seen = 0;
    for (; seen < order && total[seen * size + place]; seen++) {
      const cell = seen * size + place, all = total[cell], kind = Math.min(count[cell], 3), below = probability;
      let left = 0;
      for (let each = 0; each < 3; each++) {
        left += discounts[3 * seen + each] * types[3 * cell + each];
        slopes[3 * seen + each] = (types[3 * cell + each] * below - (kind === each + 1 ? 1 : 0)) / all;
      }
      backoffs[seen] = left / all;
      probability = (count[cell] - (kind ? discounts[3 * seen + kind - 1] : 0)) / all + backoffs[seen] * below;
    }
    let passed = 1 / probability;
    for (let level = seen - 1; level >= 0; level--) {
      for (let each = 3 * level; each < 3 * level + 3; each++) gradient[each] = slopes[each] * passed * byLogit[each];
      passed *= backoffs[level];
    }
    value += Math.log(probability);
    for (let one = 0; one < 3 * seen; one++) {
      slope[one] += gradient[one];
      for (let other = 0; other <= one; other++) curvature[one * parameters + other] += gradient[one] * gradient[other];
    }
  }
  for (let one = 0; one < parameters; one++) {
    for (let other = one + 1; other < parameters; other++) curvature[one * parameters + other] = curvature[other * parameters + one];
  }
  return { value, slope, curvature };
}
