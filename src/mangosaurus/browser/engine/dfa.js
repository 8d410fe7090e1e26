// Deterministic automata as tables: generation/constraints/dfa.py. One has `columns` (that of each symbol; those that no
// state tells apart share one), `width` (how many), `moves` (states, width), `needed` (the fewest characters to
// acceptance), `states` (how many; of none, nothing is accepted) and `start`.

const MOST_DFA_STATES = 1_000_000, MOST_DFA_CELLS = 40_000_000, LARGEST_TO_MINIMIZE = 4_000_000, MOST_MINIMIZING = 60_000_000;

class TooLarge extends Error {}

const everything = (symbols) => trimmed(new Int32Array(symbols), 1, Int32Array.of(0), [true]);

// The automaton of the states that can be reached from `start` and can reach acceptance, whose columns all belong to
// some symbol.
function trimmed(columns, width, moves, accepting, start = 0) {
  const used = [...new Set(columns.subarray(1))].sort((one, other) => one - other);
  const numbers = new Map(used.map((column, place) => [column, place]));
  const { keys, moves: found } = explore(start, used.length, moves.length, (state, into) => {
    for (let place = 0; place < used.length; place++) into[place] = moves[state * width + used[place]];
  });
  return alive(columns.map((column, symbol) => (symbol ? numbers.get(column) : 0)), used.length, found, keys.map((state) => accepting[state]));
}

// The states that can be reached from the key `start`, in the order in which they are met, and the moves between them.
// `follow` writes what follows a key, or DEAD, for each column.
function explore(start, width, most, follow) {
  const limit = Math.min(MOST_DFA_STATES, Math.floor(MOST_DFA_CELLS / Math.max(1, width)));
  const numbers = new Map([[start, 0]]), keys = [start], into = new Float64Array(width);
  let moves = new Int32Array(64 * width);
  for (let state = 0; state < keys.length; state++) {
    follow(keys[state], into);
    if ((state + 1) * width > moves.length) {
      const more = new Int32Array(2 * moves.length);
      more.set(moves);
      moves = more;
    }
    for (let column = 0; column < width; column++) {
      let to = DEAD;
      if (into[column] !== DEAD) {
        to = numbers.get(into[column]);
        if (to === undefined) {
          numbers.set(into[column], (to = keys.push(into[column]) - 1));
          if (keys.length > limit) throw new TooLarge(textOf("more-states", { limit }));
        }
      }
      moves[state * width + column] = to;
    }
  }
  return { keys, moves: moves.slice(0, keys.length * width) };
}

// The automaton, which starts in state 0, without the states that cannot reach acceptance.
function alive(columns, width, moves, accepting) {
  const states = accepting.length, needed = new Int32Array(states).fill(FAR);
  const firsts = new Int32Array(states + 1), sources = new Int32Array(moves.length);
  for (const to of moves) if (to !== DEAD) firsts[to + 1] += 1;
  for (let state = 0; state < states; state++) firsts[state + 1] += firsts[state];
  const place = firsts.slice(0, states);
  for (let cell = 0; cell < moves.length; cell++) if (moves[cell] !== DEAD) sources[place[moves[cell]]++] = Math.floor(cell / width);
  const queue = [];
  for (let state = 0; state < states; state++) {
    if (!accepting[state]) continue;
    needed[state] = 0;
    queue.push(state);
  }
  for (const state of queue) {
    for (let edge = firsts[state]; edge < firsts[state + 1]; edge++) {
      if (needed[sources[edge]] !== FAR) continue;
      needed[sources[edge]] = needed[state] + 1;
      queue.push(sources[edge]);
    }
  }
  if (needed[0] === FAR) return { columns, width, moves: new Int32Array(0), needed: new Int32Array(0), states: 0, start: 0 };
  const ids = new Int32Array(states).fill(DEAD), kept = [];
  for (let state = 0; state < states; state++) if (needed[state] !== FAR) ids[state] = kept.push(state) - 1;
  const left = new Int32Array(kept.length * width);
  kept.forEach((state, row) => {
    for (let column = 0; column < width; column++) {
      const to = moves[state * width + column];
      left[row * width + column] = to === DEAD ? DEAD : ids[to];
    }
  });
  return { columns, width, moves: left, needed: Int32Array.from(kept, (state) => needed[state]), states: kept.length, start: 0 };
}

// What both accept.
function intersection(a, b) {
  if (!a.states || !b.states) return a.states ? b : a;
  const joint = new Map(), columns = new Int32Array(a.columns.length), pairs = [];
  for (let symbol = 1; symbol < columns.length; symbol++) {
    const key = a.columns[symbol] * b.width + b.columns[symbol];
    if (!joint.has(key)) joint.set(key, pairs.push([a.columns[symbol], b.columns[symbol]]) - 1);
    columns[symbol] = joint.get(key);
  }
  const { keys, moves } = explore(a.start * b.states + b.start, pairs.length, Infinity, (key, into) => {
    const first = Math.floor(key / b.states) * a.width, second = (key % b.states) * b.width;
    for (let column = 0; column < pairs.length; column++) {
      const one = a.moves[first + pairs[column][0]], other = b.moves[second + pairs[column][1]];
      into[column] = one === DEAD || other === DEAD ? DEAD : one * b.states + other;
    }
  });
  const accepting = keys.map((key) => a.needed[Math.floor(key / b.states)] === 0 && b.needed[key % b.states] === 0);
  return alive(columns, pairs.length, moves, accepting);
}

// Every string that `dfa` does not accept.
function complement(dfa) {
  if (!dfa.states) return everything(dfa.columns.length);
  const sink = dfa.states, moves = new Int32Array((sink + 1) * dfa.width).fill(sink);
  dfa.moves.forEach((to, cell) => { if (to !== DEAD) moves[cell] = to; });
  return trimmed(dfa.columns, dfa.width, moves, [...Array.from(dfa.needed, (needed) => needed > 0), true], dfa.start);
}

// What `dfa` accepts that has from `least` to `most` characters; null sets no limit.
function withLengths(dfa, least, most) {
  if (most === null && dfa.states && dfa.needed[dfa.start] >= least) return dfa;
  const last = most ?? least, moves = Int32Array.from({ length: last + 1 }, (_, count) => count + 1);
  moves[last] = most === null ? last : DEAD;
  return intersection(dfa, trimmed(new Int32Array(dfa.columns.length), 1, moves, Array.from(moves, (_, count) => count >= least)));
}

// The number of characters of the longest string accepted; null if there is none that is longest.
function longestOf(dfa) {
  let found = new Set([dfa.start]);
  for (let length = 0; length <= dfa.states; length++) {
    const next = new Set();
    for (const state of found) {
      for (let column = 0; column < dfa.width; column++) next.add(dfa.moves[state * dfa.width + column]);
    }
    next.delete(DEAD);
    if (!next.size) return length;
    found = next;
  }
  return null;
}

// The automaton with the fewest states and columns that accepts the same: states are split by their distance to
// acceptance, and then as long as they lead to different parts (Moore 1956). One that is too large comes back as it is.
function minimized(dfa) {
  const { states, width, moves, needed } = dfa;
  if (!states || moves.length > LARGEST_TO_MINIMIZE) return dfa;
  const renumbered = (keys) => {
    const numbers = new Map();
    const found = keys.map((key) => {
      let number = numbers.get(key);
      if (number === undefined) numbers.set(key, (number = numbers.size));
      return number;
    });
    return [found, numbers.size];
  };
  let [parts, count] = renumbered(Float64Array.from(needed));
  for (let work = 0; ;) {
    work += moves.length + 8 * states;
    if (work > MOST_MINIMIZING) return dfa;
    let finer = parts, more = count;
    for (let column = 0; column < width && more < states; column++) {
      [finer, more] = renumbered(finer.map((part, state) => {
        const to = moves[state * width + column];
        return part * (count + 1) + (to === DEAD ? count : parts[to]);
      }));
    }
    if (more === count) break;
    [parts, count] = [finer, more];
    if (count === states) break;
  }
  const members = new Int32Array(count).fill(DEAD), kinds = new Map(), chosen = [];
  parts.forEach((part, state) => { if (members[part] === DEAD) members[part] = state; });
  const to = (part, column) => {
    const target = moves[members[part] * width + column];
    return target === DEAD ? DEAD : parts[target];
  };
  const kind = Int32Array.from({ length: width }, (_, column) => {
    const key = Int32Array.from(members, (_, part) => to(part, column)).join();
    if (!kinds.has(key)) kinds.set(key, chosen.push(column) - 1);
    return kinds.get(key);
  });
  const merged = new Int32Array(count * chosen.length);
  for (let part = 0; part < count; part++) chosen.forEach((column, place) => { merged[part * chosen.length + place] = to(part, column); });
  return {
    columns: dfa.columns.map((column) => kind[column]), width: chosen.length, moves: merged, states: count,
    needed: Int32Array.from(members, (state) => needed[state]), start: parts[dfa.start],
  };
}
