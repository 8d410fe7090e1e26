// What a reader takes for one character: letters with marks, emoji of several parts. core/segmentation.py.

const JOINING_CHARACTER =
  /[\p{M}\u0e33\u0eb3\u1100-\u11ff\u200c\u200d\uff9e\uff9f\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]/u;
const LONGEST_CLUSTER = 256;

// The grapheme clusters of several characters in some names. One that ends in a joiner takes the next with it.
function clustersOf(names) {
  const clusters = new Set(), joining = names.filter((name) => JOINING_CHARACTER.test(name));
  if (!joining.length) return clusters;
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const name of joining) {
    let held = "";
    const keep = () => {
      const length = lengthOf(held);
      if (length > 1 && length <= LONGEST_CLUSTER && !held.includes("\n")) clusters.add(held);
      held = "";
    };
    for (const { segment } of segmenter.segment(name)) {
      held += segment;
      if (!segment.endsWith("\u200d")) keep();
    }
    if (held) keep();
  }
  return clusters;
}

const lengthsOfClusters = new WeakMap();

// The symbols of a name: the longest cluster that stands there, else a character.
function symbolsOfName(name, clusters) {
  if (!clusters.size) return Array.from(name);
  if (!lengthsOfClusters.has(clusters)) {
    const found = new Map();
    for (const cluster of clusters) {
      const first = String.fromCodePoint(cluster.codePointAt(0));
      found.set(first, (found.get(first) ?? new Set()).add(cluster.length));
    }
    lengthsOfClusters.set(clusters, new Map([...found].map(([first, lengths]) => [first, [...lengths].sort((a, b) => b - a)])));
  }
  const lengths = lengthsOfClusters.get(clusters), symbols = [];
  for (let place = 0; place < name.length;) {
    const first = String.fromCodePoint(name.codePointAt(place));
    const length = (lengths.get(first) ?? []).find((each) => clusters.has(name.slice(place, place + each)));
    const symbol = length ? name.slice(place, place + length) : first;
    symbols.push(symbol);
    place += symbol.length;
  }
  return symbols;
}
