// Automata of given strings, lists of ids: generation/constraints/strings.py.

// The tree of the beginnings of strings, numbered by length and then in the order of the strings; 0 is the root.
class Trie {
  constructor(words) {
    const sorted = [...words].sort(byIds);
    Object.assign(this, { parents: [-1], symbols: [-1], levels: [0, 1], ends: [] });
    this.children = [new Map()];
    let here = sorted.map((word) => [word, 0]);
    for (let depth = 0; ; depth++) {
      const longer = [];
      for (const [word, node] of here) {
        if (word.length === depth) {
          if (this.ends.at(-1) !== node) this.ends.push(node);
          continue;
        }
        let next = this.children[node].get(word[depth]);
        if (next === undefined) {
          next = this.parents.push(node) - 1;
          this.symbols.push(word[depth]);
          this.children.push(new Map());
          this.children[node].set(word[depth], next);
        }
        longer.push([word, next]);
      }
      if (!longer.length) break;
      here = longer;
      this.levels.push(this.parents.length);
    }
  }
}

// A column for each letter of the words, all others sharing the last one.
function columnsOf(words, symbols) {
  const letters = [...new Set(words.flat())].sort((one, other) => one - other), columns = new Int32Array(symbols).fill(letters.length);
  letters.forEach((letter, place) => { columns[letter] = place; });
  return { columns, width: letters.length + 1 };
}

// Every string over so many symbols that begins with one of `words`.
function beginningWith(words, symbols) {
  const trie = new Trie(words), { columns, width } = columnsOf(words, symbols), ends = new Set(trie.ends);
  const moves = new Int32Array(trie.parents.length * width).fill(DEAD);
  trie.children.forEach((children, node) => {
    for (const [letter, child] of children) moves[node * width + columns[letter]] = child;
    if (ends.has(node)) moves.fill(node, node * width, (node + 1) * width);
  });
  return trimmed(columns, width, moves, trie.parents.map((_, node) => ends.has(node)));
}

// Every string that ends with one of `words`.
function endingWith(words, symbols) {
  const { columns, width, moves, ends } = ahoCorasick(words, symbols);
  return trimmed(columns, width, moves, ends);
}

// Every string that has one of `words` inside.
function containing(words, symbols) {
  const { columns, width, moves, ends } = ahoCorasick(words, symbols);
  ends.forEach((ended, node) => { if (ended) moves.fill(node, node * width, (node + 1) * width); });
  return trimmed(columns, width, moves, ends);
}

// Every string that has none of `words` inside.
function freeOf(words, symbols) {
  const { columns, width, moves, ends } = ahoCorasick(words, symbols);
  return trimmed(columns, width, moves.map((to) => (ends[to] ? DEAD : to)), ends.map((ended) => !ended));
}

// Every string that has none of `letters`.
function withoutLetters(letters, symbols) {
  const columns = new Int32Array(symbols);
  for (const letter of letters) columns[letter] = 1;
  return trimmed(columns, 2, Int32Array.of(0, DEAD), [true]);
}

// What has no letter more than `most` times in a row.
function withoutRuns(most, symbols) {
  const letters = symbols - 1, used = Math.min(most, LARGEST_LENGTH), states = 1 + letters * used;
  if (states * letters > MOST_DFA_CELLS) {
    throw new TooLarge(textOf("states-and-characters", { states, letters }));
  }
  // State 1 + used * letter + n: that letter has just stood n + 1 times.
  const moves = new Int32Array(states * letters);
  for (let state = 0; state < states; state++) {
    for (let letter = 0; letter < letters; letter++) moves[state * letters + letter] = 1 + used * letter;
    if (!state) continue;
    const letter = Math.floor((state - 1) / used), times = (state - 1) % used;
    moves[state * letters + letter] = times + 1 < used ? state + 1 : DEAD;
  }
  const columns = Int32Array.from({ length: symbols }, (_, letter) => Math.max(letter - 1, 0));
  return trimmed(columns, letters, moves, Array(states).fill(true));
}

// Aho and Corasick's automaton (1975): columns, moves, and the states in which one of `words` has just ended.
function ahoCorasick(words, symbols) {
  const trie = new Trie(words), { columns, width } = columnsOf(words, symbols), nodes = trie.parents.length;
  if (nodes * width > MOST_DFA_CELLS) {
    throw new TooLarge(textOf("states-and-characters", { states: nodes, letters: width - 1 }));
  }
  const moves = new Int32Array(nodes * width), shorter = new Int32Array(nodes), ends = Array(nodes).fill(false);
  for (const node of trie.ends) ends[node] = true;
  for (let node = 0; node < nodes; node++) {  // those of fewer letters come first
    if (node) {
      moves.copyWithin(node * width, shorter[node] * width, (shorter[node] + 1) * width);
      ends[node] ||= ends[shorter[node]];
    }
    for (const [letter, child] of trie.children[node]) {
      const cell = node * width + columns[letter];
      shorter[child] = node ? moves[cell] : 0;
      moves[cell] = child;
    }
  }
  return { columns, width, moves, ends };
}
