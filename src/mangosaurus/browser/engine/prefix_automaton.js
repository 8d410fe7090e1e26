// What names may look like: a beginning, an ending, a least length and NFC as one automaton, made the smallest, as
// generation/constraints/compile.py does. A state is a number; DEAD is where nothing can be accepted any more.

// The table of generation/constraints/composed.py for vocabularies of which every string is in NFC.
const ALL_COMPOSED = (symbols) => ({ start: 0, columns: Array(symbols).fill(0), moves: [[0]] });

class Automaton {
  // `prefix` and `suffix` are ids; `symbols` is the size of the vocabulary, of which `composed` says what is in NFC.
  constructor(prefix, suffix, least, symbols, composed) {
    const letters = new Set([...prefix, ...suffix]), shorter = failures(suffix);
    const { start, columns: forms, moves: composing } = composed ?? ALL_COMPOSED(symbols);
    // Characters with the same moves share a column: of those in no word, DEAD stands for the letter.
    const kinds = [], columns = new Int32Array(symbols), numbersOf = new Map();
    for (let symbol = 1; symbol < symbols; symbol++) {
      const kind = [letters.has(symbol) ? symbol : DEAD, forms[symbol]], key = kind.join(" ");
      if (!numbersOf.has(key)) numbersOf.set(key, kinds.push(kind) - 1);
      columns[symbol] = numbersOf.get(key);
    }
    const width = kinds.length, numbers = new Map(), found = [], moves = [], accepting = [];
    const number = (...state) => {
      const key = state.join(" ");
      if (!numbers.has(key)) numbers.set(key, found.push(state) - 1);
      return numbers.get(key);
    };
    number(0, 0, 0, start);
    for (let state = 0; state < found.length; state++) {
      const [begun, ending, length, form] = found[state];
      accepting.push(begun === prefix.length && ending === suffix.length && length >= least);
      moves.push(kinds.map(([letter, column]) => {
        const formed = composing[form][column];
        if (formed === DEAD || (begun < prefix.length && prefix[begun] !== letter)) return DEAD;
        let matched = ending;
        while (matched && suffix[matched] !== letter) matched = shorter[matched];
        if (suffix[matched] === letter) matched++;
        return number(Math.min(begun + 1, prefix.length), matched, Math.min(length + 1, least), formed);
      }));
    }
    Object.assign(this, smallest(moves, accepting), { symbols });
    this.next = new Int32Array(this.states * symbols).fill(DEAD);
    for (let state = 0; state < this.states; state++) {
      for (let symbol = 1; symbol < symbols; symbol++) {
        this.next[state * symbols + symbol] = this.moves[state * width + columns[symbol]];
      }
    }
  }

  step(state, symbol) {
    return state === DEAD ? DEAD : this.next[state * this.symbols + symbol];
  }

  // The fewest characters from a state to acceptance.
  distance(state) {
    return state === DEAD ? FAR : this.needed[state];
  }

  accepting(state) {
    return this.distance(state) === 0;
  }

  after(ids) {
    return ids.reduce((state, symbol) => this.step(state, symbol), this.start);
  }

  // The same after a text that may not be accepted itself: after_text of generation/constraints/composed.py.
  afterText(ids) {
    return [this.after(ids), this.after(ids.slice(-1)), this.start].find((state) => state !== DEAD);
  }
}

// For each length of what has been matched of `word`, how much still is when the next character does not fit.
function failures(word) {
  const shorter = [0, 0];
  for (let length = 2; length <= word.length; length++) {
    let matched = shorter[length - 1];
    while (matched && word[matched] !== word[length - 1]) matched = shorter[matched];
    shorter.push(word[matched] === word[length - 1] ? matched + 1 : 0);
  }
  return shorter;
}

// The automaton with the fewest states that accepts the same: states are split by their distance to acceptance, and
// then as long as they lead to different parts (Moore 1956).
function smallest(moves, accepting) {
  const needed = accepting.map((accepts) => (accepts ? 0 : FAR));
  const sources = moves.map(() => []);
  moves.forEach((row, state) => row.forEach((to) => { if (to !== DEAD) sources[to].push(state); }));
  const queue = moves.map((_, state) => state).filter((state) => accepting[state]);
  for (const state of queue) {
    for (const source of sources[state]) {
      if (needed[source] === FAR) {
        needed[source] = needed[state] + 1;
        queue.push(source);
      }
    }
  }
  let parts = needed.map((distance) => (distance === FAR ? DEAD : distance)), count = new Set(parts).size;
  for (;;) {
    const numbers = new Map();
    const finer = moves.map((row, state) => {
      if (parts[state] === DEAD) return DEAD;
      const key = [parts[state], ...row.map((to) => (to === DEAD ? DEAD : parts[to]))].join(" ");
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      return numbers.get(key);
    });
    const more = new Set(finer).size;
    parts = finer;
    if (more === count) break;
    count = more;
  }
  const states = Math.max(...parts) + 1, width = moves[0].length;
  const merged = { start: parts[0], states, moves: new Int32Array(states * width), needed: new Int32Array(states) };
  parts.forEach((part, state) => {
    if (part === DEAD) return;
    merged.needed[part] = needed[state];
    moves[state].forEach((to, column) => { merged.moves[part * width + column] = to === DEAD ? DEAD : parts[to]; });
  });
  return merged;
}
