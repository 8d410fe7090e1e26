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
  whole("the number of the best", best, 1, MOST_NAMES);
  const many = n ?? Math.max(CANDIDATES, best);
  if (many < best) throw new Refusal(`the best ${best} of ${many}: the best are chosen from more than are kept`);
  const found = yield* silently(writer.sample({ ...left, n: many, diverse: false }));
  const texts = found.samples.map(({ text }) => text), documents = found.documents ?? texts;
  const names = [...engine.names, ...writer.steering ?? []];
  const losses = found.samples.map(({ nats_per_symbol: nats }) => nats), { vocabulary } = writer;
  const diverse = Boolean(options.diverse);
  const ranked = yield* bestOf(prior, { vocabulary, names, documents, losses, shown: texts, count: best, diverse });
  const { drawn, seed } = found, candidates = texts.length;
  const said = rankingRemarks(ranked.best, { count: best, many, drawn, candidates, diverse });
  return { ...ranked, seed, remark_parts: [...remarks, ...said] };
}

// A steered engine takes a while: the latest is kept.
function* steeredBefore(engine, prior, asked) {
  const key = JSON.stringify(asked);
  if (engine.steeredLast?.key !== key) engine.steeredLast = { key, made: yield* steered(engine, prior, asked) };
  return engine.steeredLast.made;
}

// The candidates of a ranking are not what was asked for: they are not shown as they are found.
function* silently(parts) {
  for (;;) {
    const { value, done } = parts.next();
    if (done) return value;
    yield [];
  }
}
