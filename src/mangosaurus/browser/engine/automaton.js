// What names may look like, read character by character along with the model: generation/constraints/automaton.py. A
// state is a number; DEAD is where nothing can be accepted any more.

// The largest table of moves by symbols, in cells.
const MOST_WRITTEN_OUT = 8_000_000;

class Automaton {
  // `exceptions`, of excluded names, are states that follow those of the table and share its rows, except for some moves:
  // {start, rows, needed, moves}, where `moves` has a map from symbols to states for each.
  constructor(dfa, exceptions = null) {
    Object.assign(this, { dfa, exceptions, tableStates: dfa.states, symbols: dfa.columns.length });
    this.start = exceptions ? exceptions.start : dfa.states ? dfa.start : DEAD;
    this.needed = exceptions ? Int32Array.from([...dfa.needed, ...exceptions.needed]) : dfa.needed;
    this.states = this.needed.length;
    this.next = null;
    if (!exceptions && dfa.states * this.symbols <= MOST_WRITTEN_OUT) {
      this.next = new Int32Array(dfa.states * this.symbols).fill(DEAD);
      for (let state = 0; state < dfa.states; state++) {
        for (let symbol = 1; symbol < this.symbols; symbol++) {
          this.next[state * this.symbols + symbol] = dfa.moves[state * dfa.width + dfa.columns[symbol]];
        }
      }
    }
  }

  // The state after one symbol that is not END.
  step(state, symbol) {
    if (state === DEAD || symbol === END) return DEAD;
    if (this.next) return this.next[state * this.symbols + symbol];
    let row = state;
    if (state >= this.tableStates) {
      const found = this.exceptions.moves[state - this.tableStates].get(symbol);
      if (found !== undefined) return found;
      row = this.exceptions.rows[state - this.tableStates];
    }
    return this.dfa.moves[row * this.dfa.width + this.dfa.columns[symbol]];
  }

  // The state of the table whose row a state shares, as if no names were excluded.
  withinTable(state) {
    return state < this.tableStates ? state : this.exceptions.rows[state - this.tableStates];
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

// The automaton of what is in NFC as a page has it: generation/constraints/composed.py.
function composedDfa({ start, columns, moves }) {
  return {
    start, columns: Int32Array.from(columns), width: moves[0].length, moves: Int32Array.from(moves.flat()),
    needed: new Int32Array(moves.length), states: moves.length,
  };
}
