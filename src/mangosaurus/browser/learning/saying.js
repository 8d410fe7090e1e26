// How easy names are to say: models/saying.py.

const NO_SOUND = /[\p{Unified_Ideograph}\u2e80-\u2ef3\u31c0-\u31e5\uf900-\ufaff\u{2f800}-\u{2fa1f}]/u;

// Nats per character of each name under the prior that knows nothing of the list; null for those that it cannot say.
function* natsToSay(prior, names, vocabulary) {
  const found = names.map(() => null);
  if (vocabulary.separator || (vocabulary.inventory.size && vocabulary.unit !== "character")) return found;
  const used = new Set(vocabulary.characters.flatMap((symbol) => Array.from(symbol)));
  const letters = new Vocabulary([...used].sort(byCodePoints));
  const ids = prior.ids(letters);
  const isKnown = (letter, place) => ids[place + 1] !== UNKNOWN && !NO_SOUND.test(letter);
  const known = new Set(letters.characters.filter(isKnown));
  const sayable = [...names.keys()].filter((place) => Array.from(names[place]).every((letter) => known.has(letter)));
  const network = prior.network(letters, new Float32Array(prior.width));
  const losses = yield* lossesOf(network, sayable.map((place) => letters.encode(names[place])));
  sayable.forEach((place, number) => { found[place] = losses[number]; });
  return found;
}
