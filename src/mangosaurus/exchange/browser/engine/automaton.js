// What names may look like: a beginning, an ending and a least length as one automaton, made the smallest, as
// generation/constraint.py does. A state is a number; DEAD is where nothing can be accepted any more.

const DEAD = -1, FAR = 2 ** 31 - 1;

class Automaton {
  // `prefix` and `suffix` are ids; `least` is 1 or more; `symbols` the size of the vocabulary.
  constructor(prefix, suffix, least, symbols) {
    const letters = [...new Set([...prefix, ...suffix])], shorter = failures(suffix);
    const columns = new Int32Array(symbols).fill(letters.length);
    letters.forEach((letter, column) => { columns[letter] = column; });
    const width = letters.length + (letters.length < symbols - 1 ? 1 : 0);  // all other characters share the last one
    const numbers = new Map(), found = [], moves = [], accepting = [];
    const number = (begun, ending, length) => {
      const key = `${begun} ${ending} ${length}`;
      if (!numbers.has(key)) {
        numbers.set(key, found.length);
        found.push([begun, ending, length]);
      }
      return numbers.get(key);
    };
    number(0, 0, 0);
    for (let state = 0; state < found.length; state++) {
      const [begun, ending, length] = found[state];
      accepting.push(begun === prefix.length && ending === suffix.length && length >= least);
      moves.push(Array.from({ length: width }, (_, column) => {
        const letter = column < letters.length ? letters[column] : DEAD;  // which no word has
        if (begun < prefix.length && prefix[begun] !== letter) return DEAD;
        let matched = ending;
        while (matched && suffix[matched] !== letter) matched = shorter[matched];
        if (suffix[matched] === letter) matched++;
        return number(Math.min(begun + 1, prefix.length), matched, Math.min(length + 1, least));
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

// The automaton with the fewest states that accepts the same: states are parted by their distance to acceptance, and
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
