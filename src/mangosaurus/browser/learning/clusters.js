// The vocabulary of a list: its characters, or where letters have marks that do not compose, or emoji several parts, its
// grapheme clusters: clusters_of of core/segmentation.py.

const JOINS = new RegExp(`[\\p{M}${JOINING.map(([first, last]) => `${first}-${last}`).join("")}]`, "u");

function vocabularyOf(names) {
  const inventory = clustersOf(names);
  const cut = { inventory }, split = new Vocabulary([], cut), symbols = new Set(names.flatMap((name) => split.split(name)));
  return new Vocabulary([...symbols].sort(byCodePoints), cut);
}

// The clusters of several characters. One that ends in a joiner takes the next with it.
function clustersOf(names) {
  const found = new Set(), segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter("en") : null;
  for (const name of names) {
    if (!JOINS.test(name)) continue;
    if (!segmenter) throw new Refusal("no-clusters-here");
    let held = "";
    for (const { segment } of segmenter.segment(name)) {
      held += segment;
      if (segment.endsWith(JOINER)) continue;
      found.add(held);
      held = "";
    }
    found.add(held);
  }
  return [...found].filter((cluster) => {
    const { length } = Array.from(cluster);
    return length > 1 && length <= LONGEST_SYMBOL && !cluster.includes("\n");
  }).sort(byCodePoints);
}
