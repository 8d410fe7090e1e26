// Names without rude words: generation/constraints/rude.py, whose words a page may be given.

const SPACE_LETTER = 1;  // of `lettersInWords`

// `plainLetters` with a space for each character that is no letter, mark or digit.
const lettersInWords = (text) => plainLetters(text).replace(/[^\p{L}\p{M}\p{N}]/gu, " ");

// The words in the bytes of a text, which are after its notice and an empty line: one a line, as `lettersInWords` writes
// them, with a space where one must begin or end.
function rudeWordsIn(bytes) {
  const text = new TextDecoder().decode(bytes);
  return text.slice(text.lastIndexOf("\n\n") + 2).split("\n");
}

// Every string over the vocabulary in which none of these words stands.
function freeOfRudeWords(words, vocabulary) {
  const spelling = new Spelling(vocabulary, (symbol) => Array.from(lettersInWords(symbol)), (text) => Array.from(text), [" "]);
  const known = words.map((word) => spelling.find(word)).filter((word) => !word.includes(-1));
  if (!known.length) return everything(vocabulary.size);
  const dfa = freeOf(known, spelling.size), after = (state) => dfa.moves[state * dfa.width + dfa.columns[SPACE_LETTER]];
  // A name stands between two spaces: it begins after one, and may end where one may follow.
  const needed = dfa.needed.map((_, state) => (after(state) === DEAD ? 1 : 0));
  return minimized(spelling.symbols({ ...dfa, needed, start: after(dfa.start) }));
}
