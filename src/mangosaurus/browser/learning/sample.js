// Names of a list that is learnt, as HTTP answers `sample`: steered by names to resemble, or the best of many.

const CANDIDATES = 1000;

// `engine` has the model and `names`, what it has learnt; a generator that yields names as they are found.
function* sampleLearnt(engine, prior, asked = {}) {
  const { like = null, unlike = null, strength = null, best = null, n = null, ...options } = asked;
  const given = like !== null || unlike !== null || strength !== null, { label, ...others } = options;
  const writer = given ? yield* steeredBefore(engine, prior, { like, unlike, strength, label }) : engine;
  const remarks = (writer.remarks ?? []).map((text) => [{ text }]), left = given ? others : options;
  if (best === null) {
    const found = yield* writer.sample({ ...left, n: n ?? 20 });
    return { ...found, remark_parts: [...remarks, ...found.remark_parts ?? []] };
  }
  whole("number-of-best", best, 1, MOST_NAMES);
  const many = n ?? Math.max(CANDIDATES, best);
  if (many < best) throw new Refusal("best-of-fewer", { best: String(best), many: String(many) });
  const { samples, drawn, wanted: { seed } } = yield* silently(
    writer.collected({ ...left, n: many, diverse: false }, n === null ? best : null));
  const texts = samples.map(({ text }) => text), documents = samples.map(({ document }) => document);
  const names = [...engine.names, ...writer.steering ?? []];
  const losses = samples.map(({ nats, symbols }) => nats / (symbols.length + 1)), { vocabulary } = writer;
  const diverse = Boolean(options.diverse);
  const ranked = yield* bestOf(prior, { vocabulary, names, documents, losses, shown: texts, count: best, diverse });
  const candidates = texts.length;
  const said = rankingRemarks(ranked.best, { count: best, many, drawn, candidates, diverse });
  return { ...ranked, seed: String(seed), remark_parts: [...remarks, ...said] };
}

// A steered engine takes a while: the latest is kept.
function* steeredBefore(engine, prior, asked) {
  const key = JSON.stringify(asked);
  if (engine.steeredLast?.key !== key) engine.steeredLast = { key, made: yield* steered(engine, prior, asked) };
  return engine.steeredLast.made;
}
