// A model that is steered by names to resemble and names to differ from: api/steering.py.

const OWN_NAMES = 100, UNKNOWN_SHOWN = 5, MOST_STEERING = 1000, USUAL_STRENGTH = 0.5, NO_SEED = 0n;

// An engine whose model is steered, by names that `prior` reads. Its other parts are those of `engine`, without labels.
function* steered(engine, prior, { like = null, unlike = null, strength = null, label }) {
  if (like === null && unlike === null) {
    throw new Refusal("strength-of-nothing");
  }
  const [liked, disliked] = [steeringNames(engine, like, "to-resemble"), steeringNames(engine, unlike, "to-differ")];
  const force = strength ?? USUAL_STRENGTH;
  if (!(force >= 0 && force <= 1)) throw new Refusal("no-strength");
  const { vocabulary } = engine, model = engine.chosen(label);
  const remarks = [
    ...unknownRemark(vocabulary, liked, "to-resemble"), ...unknownRemark(vocabulary, disliked, "to-differ"),
  ];
  const names = new Set([...liked, ...disliked]), known = { has: (name) => names.has(name) || engine.known.has(name) };
  const found = Object.assign(Object.create(engine), {
    model, known, remarks, labels: [], guide: null, steering: [...names],
  });
  if (force === 0) return found;
  const own = yield* ownNames(engine, model, label);
  found.model = steer(model, vocabulary, prior, liked, disliked, own, force);
  const lengthsOf = (each) => each.map((name) => vocabulary.split(name).length);
  const lengths = [own.length ? own : liked, liked, disliked].map(lengthsOf);
  if (lengths[0].length) {
    found.model.ending = yield* addedToEnd(found.model, wantedLengths(...lengths, Math.min(1, 2 * force)));
  }
  return found;
}

// The different names of an option, read as the model's own were.
function steeringNames(engine, given, role) {
  if (given === null) return [];
  const of = say(role);
  if (!Array.isArray(given) || given.some((name) => typeof name !== "string")) {
    throw new Refusal("steering-is-texts", { of });
  }
  const names = [...new Set(given.map((name) => engine.asRead(name.trim())).filter(Boolean))];
  if (!names.length) throw new Refusal("no-steering-name", { of });
  if (names.length > MOST_STEERING) {
    throw new Refusal("too-many-steering", { count: names.length, of, most: MOST_STEERING });
  }
  return names;
}

// Which symbols of names the model does not know: one remark or none.
function unknownRemark(vocabulary, names, role) {
  const symbols = names.flatMap((name) => vocabulary.split(name)), known = (symbol) => vocabulary.ids.has(symbol);
  const unknown = [...new Set(symbols.filter((symbol) => !known(symbol)))].sort(byCodePoints);
  if (!unknown.length) return [];
  const shown = unknown.slice(0, UNKNOWN_SHOWN).map((symbol) => `“${symbol}”`).join(", ")
    + (unknown.length > UNKNOWN_SHOWN ? textOf("and-others") : "");
  if (!symbols.some(known)) {
    throw new Refusal("knows-no-symbol", { of: say(role), unit: say(vocabulary.unit), shown });
  }
  return [textOf("unknown-symbols", { of: say(role), shown })];
}

// Names that the model writes with the seed 0, repeated ones too. They are kept with it.
function* ownNames(engine, model, label) {
  engine.written ??= new Map();
  const key = JSON.stringify(label ?? null), found = [];
  if (engine.written.has(key)) return engine.written.get(key);
  const task = {
    model, prefix: [], longest: engine.about.longest, temperature: 1, seed: NO_SEED, begun: model.start(1),
    refusing: engine.composed, automaton: null,
  };
  let drawn = 0;
  for (const samples of plainly(task)) {
    for (const { symbols, finished, dropped } of samples) {
      const name = finished && !dropped ? engine.vocabulary.decode(symbols) : "";
      if (found.length < OWN_NAMES && name && !name.startsWith(" ") && !name.endsWith(" ")) found.push(name);
    }
    drawn += samples.length;
    yield [];
    if (found.length === OWN_NAMES || drawn >= FEWEST_DRAWS + DRAWS_A_NAME * OWN_NAMES) break;
  }
  engine.written.set(key, found);
  return found;
}
