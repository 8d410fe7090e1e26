// The best of many names: typical of their list, far from the known names, and easy to say: generation/ranking.py.

const HARD = 0.5, TYPICAL = 0.25, KNOWN_SAID = 300;

// How typical, and how easy to say, is enough.
function enoughOf(losses, knownToSay) {
  const inOrder = (numbers) => Array.from(numbers).sort((one, other) => one - other);
  const quarter = losses.length ? inOrder(losses)[Math.floor(TYPICAL * losses.length)] : 0;
  const said = inOrder(knownToSay.filter((nats) => nats !== null)), half = said.length >> 1;
  const median = said.length % 2 ? said[half] : (said[half - 1] + said[half]) / 2;
  return { nats_per_symbol: quarter, prior_nats_per_symbol: said.length ? median : null };
}

// {best, enough}: the best `count` of `documents`, whose nats per symbol are `losses`; `names` are those to be unlike.
// `shown` has the documents as they are written, and with `diverse` none is within two edits of a better one, as written.
function* bestOf(prior, { vocabulary, names, documents, losses, shown, count, diverse }) {
  const every = [...names].sort(byCodePoints), apartBy = 1 + Math.floor(names.length / KNOWN_SAID);
  const some = every.filter((_, place) => place % apartBy === 0);
  const enough = enoughOf(losses, yield* natsToSay(prior, some, vocabulary));
  const toSay = yield* natsToSay(prior, documents, vocabulary), easy = enough.prior_nats_per_symbol ?? 0;
  const said = toSay.filter((nats) => nats !== null).map((nats) => Math.max(nats, easy));
  const usual = said.length ? said.reduce((sum, nats) => sum + nats, 0) / said.length : 0;
  const cut = (text) => vocabulary.split(text), known = [...new Set(every)], neighbours = new Neighbours(known, cut);
  const ranking = [];
  for (const [row, document] of documents.entries()) {
    const { place, edits } = neighbours.nearest(document), length = cut(document).length;
    const hard = toSay[row] === null ? usual : Math.max(toSay[row], easy);
    const far = edits / Math.max(length, cut(known[place]).length);
    const typical = Math.max(losses[row], enough.nats_per_symbol);
    const score = far - typical - HARD * hard;
    ranking.push({
      text: shown[row], score, nats_per_symbol: losses[row], nearest: vocabulary.shown(known[place]), edits,
      prior_nats_per_symbol: toSay[row], length,
    });
    if (row % 16 === 0) yield [];
  }
  ranking.sort((one, other) => other.score - one.score);
  if (!diverse) return { best: ranking.slice(0, count), enough };
  const isApart = apart((text) => vocabulary.split(text)), best = [];
  for (const each of ranking) {
    if (best.length === count) break;
    if (isApart(each.text)) best.push(each);
  }
  return { best, enough };
}

// Why there are fewer than `count`, or fewer to choose from than `many`, and what the prior cannot say: parts each.
function rankingRemarks(best, { count, many, drawn, candidates, diverse }) {
  const found = [], names = say("n-names", { n: candidates });
  if (best.length < count && diverse && best.length < candidates) {
    found.push(say("best-not-apart", { found: best.length, names, apart: APART }));
  } else if (best.length < count) found.push(say("few-candidates", { n: candidates }));
  else if (candidates < many) found.push(say("best-of-few", { candidates, drawn, many: String(many) }));
  const unsaid = best.filter((each) => each.prior_nats_per_symbol === null).length;
  if (unsaid) found.push(say(unsaid === best.length ? "cannot-say-these" : "cannot-say-some", { n: unsaid }));
  return found.map(partsOf);
}
