// As what the symbols of a vocabulary are compared with the texts of constraints: generation/constraints/spelling.py.

const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
const PLAIN = { ø: "o", ł: "l", đ: "d", ħ: "h", ŧ: "t", ı: "i", æ: "ae", œ: "oe" };

// Unicode's full folding of a character, up to which letter stands for those that are alike.
function folded1(character) {
  if (character === "ı") return character;
  if (character === "ẞ") return "ss";
  return character.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

const caseFolded = (text) => Array.from(text, folded1).join("");

// `text` with letters that differ in case alone as one, by Unicode's simple folding: as many characters.
function sameCase(text) {
  return Array.from(text, (character) => (
    [folded1(character), character.toLowerCase(), character].find((each) => Array.from(each).length === 1))).join("");
}

// `text` without accents and in small letters; ligatures and ß are two letters.
function plainLetters(text) {
  const bare = (some) => some.normalize("NFD").replace(ACCENTS, "").normalize("NFC");
  return Array.from(bare(caseFolded(bare(text))), (character) => PLAIN[character] ?? character).join("");
}

// The letters of every symbol, ids from 1: of END none.
class Spelling {
  // `fold` writes a symbol as letters, and `cut` cuts a text into symbols; there are the letters `also`, first.
  constructor(vocabulary, fold, cut, also = []) {
    const ids = new Map(also.map((letter, place) => [letter, place + 1])), letters = new Map();
    const id = (letter) => {
      if (!ids.has(letter)) ids.set(letter, ids.size + 1);
      return ids.get(letter);
    };
    this.letters = [[], ...vocabulary.characters.map((symbol) => fold(symbol).map(id))];
    this.size = ids.size + 1;
    const lettersOf = (symbol) => {
      if (!letters.has(symbol)) letters.set(symbol, fold(symbol).map((letter) => ids.get(letter) ?? -1));
      return letters.get(symbol);
    };
    this.find = (text) => cut(text).flatMap(lettersOf);  // -1 for each letter that no symbol has
  }

  // An automaton of letters as one of symbols.
  symbols(dfa) {
    const kinds = new Map(), columns = new Int32Array(this.letters.length), chosen = [];
    for (let symbol = 1; symbol < columns.length; symbol++) {
      const read = this.letters[symbol].map((letter) => dfa.columns[letter]), key = read.join();
      if (!kinds.has(key)) kinds.set(key, chosen.push(read) - 1);
      columns[symbol] = kinds.get(key);
    }
    const width = chosen.length, moves = new Int32Array(dfa.states * width);
    for (let state = 0; state < dfa.states; state++) {
      chosen.forEach((read, column) => {
        let after = state;
        for (const each of read) after = after === DEAD ? DEAD : dfa.moves[after * dfa.width + each];
        moves[state * width + column] = after;
      });
    }
    return trimmed(columns, width, moves, Array.from(dfa.needed, (needed) => needed === 0), dfa.start);
  }
}

// Every symbol is a letter by itself.
function exactly(vocabulary) {
  return new Spelling(vocabulary, (symbol) => [symbol], (text) => vocabulary.split(text));
}

// Symbols that differ in case alone are one letter.
function ignoringCase(vocabulary) {
  const known = new Set(vocabulary.characters.map(sameCase));
  const cut = (text) => {
    // An inventory may have a symbol in one case only: `ch` is written Ch as well.
    const written = vocabulary.split(text);
    return isPlain(vocabulary) || written.every((symbol) => known.has(sameCase(symbol))) ? written : vocabulary.split(text.toLowerCase());
  };
  return new Spelling(vocabulary, (symbol) => [sameCase(symbol)], cut);
}

// Symbols that differ in case and accents alone are the same letters. A token or an entry of an inventory is one letter;
// a cluster has those of its characters.
function ignoringAccents(vocabulary) {
  if (isPlain(vocabulary) || vocabulary.clusters) {
    return new Spelling(vocabulary, (symbol) => Array.from(plainLetters(symbol)), (text) => Array.from(text));
  }
  return new Spelling(vocabulary, (symbol) => [plainLetters(symbol)].filter(Boolean), (text) => vocabulary.split(text));
}

// Whether symbols are characters.
function isPlain(vocabulary) {
  return !vocabulary.separator && !vocabulary.inventory.size;
}
