// Excluding whole strings of letters from an automaton: generation/constraints/exclusion.py.

const SMALL_CELLS = 1_000_000;

// The automaton of what `dfa` accepts except `words` of letters, and how many of these it accepts.
function exclude(dfa, words, spelling) {
  if (!words.length) return [new Automaton(dfa), 0];
  const trie = new Trie(words), ends = new Set(trie.ends), pairs = walkedPairs(dfa, trie, spelling);
  for (const pair of pairs) pair.accepted = ends.has(pair.node) && dfa.needed[pair.row] === 0;
  const count = new Set(pairs.filter((pair) => pair.accepted).map((pair) => pair.node)).size;
  if (!count) return [new Automaton(dfa), 0];
  const useful = usefulPairs(pairs);
  measure(useful, dfa);
  // Pairs that cannot come to an end any more go, but the exceptions that lead to them stay.
  const kept = useful.filter((pair) => pair.needed < FAR);
  kept.forEach((pair, place) => { pair.id = dfa.states + place; });
  const moves = kept.map((pair) => new Map(pair.moves.map(([symbol, to]) => [symbol, to.id ?? DEAD])));
  const automaton = new Automaton(dfa, {
    start: useful[0].id ?? DEAD, rows: kept.map((pair) => pair.row), needed: kept.map((pair) => pair.needed), moves,
  });
  if (automaton.start === DEAD) return [automaton, count];
  const letters = [...new Set(useful.flatMap((pair) => pair.moves.map(([symbol]) => symbol)))];
  if (automaton.states * (letters.length + dfa.width) > SMALL_CELLS) return [automaton, count];
  return [new Automaton(minimized(writtenOut(automaton, dfa, letters))), count];
}

// The pairs of a node and a state that can be reached, {node, row, moves: [[symbol, pair], …]}.
function walkedPairs(dfa, trie, spelling) {
  const byLetter = new Map(), silent = [];
  for (let symbol = 1; symbol < spelling.letters.length; symbol++) {
    const [letter] = spelling.letters[symbol];
    if (letter === undefined) silent.push(symbol);
    else byLetter.set(letter, [...(byLetter.get(letter) ?? []), symbol]);
  }
  const numbers = new Map(), pairs = [];
  const pairOf = (node, row) => {
    const key = node * dfa.states + row;
    if (!numbers.has(key)) {
      numbers.set(key, { node, row, moves: [] });
      pairs.push(numbers.get(key));
    }
    return numbers.get(key);
  };
  pairOf(0, dfa.start);
  for (const pair of pairs) {
    const go = (symbol, node) => {
      const row = node === undefined ? DEAD : dfa.moves[pair.row * dfa.width + dfa.columns[symbol]];
      if (row !== DEAD) pair.moves.push([symbol, pairOf(node, row)]);
    };
    for (const letter of trie.children[pair.node].keys()) {
      for (const symbol of byLetter.get(letter) ?? []) {
        go(symbol, spelling.letters[symbol].reduce((node, each) => trie.children[node]?.get(each), pair.node));
      }
    }
    for (const symbol of silent) go(symbol, pair.node);
  }
  return pairs;
}

// The pairs from which an excluded string can still come, with the moves to them alone.
function usefulPairs(pairs) {
  const sources = new Map(pairs.map((pair) => [pair, []]));
  for (const pair of pairs) for (const [, to] of pair.moves) sources.get(to).push(pair);
  const useful = new Set(pairs.filter((pair) => pair.accepted));
  for (const pair of useful) for (const source of sources.get(pair)) useful.add(source);
  for (const pair of useful) pair.moves = pair.moves.filter(([, to]) => useful.has(to));
  return pairs.filter((pair) => useful.has(pair));
}

// Sets `needed` of each pair, the fewest symbols to acceptance.
function measure(pairs, dfa) {
  const sizes = new Int32Array(dfa.width);
  for (let symbol = 1; symbol < dfa.columns.length; symbol++) sizes[dfa.columns[symbol]] += 1;
  for (const pair of pairs) {
    const taken = new Int32Array(dfa.width);
    for (const [symbol] of pair.moves) taken[dfa.columns[symbol]] += 1;
    pair.needed = FAR;
    for (let column = 0; column < dfa.width; column++) {  // one that leads out of the trie
      const to = dfa.moves[pair.row * dfa.width + column];
      if (to !== DEAD && taken[column] < sizes[column]) pair.needed = Math.min(pair.needed, dfa.needed[to] + 1);
    }
    if (dfa.needed[pair.row] === 0 && !pair.accepted) pair.needed = 0;
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const pair of [...pairs].reverse()) {
      for (const [, to] of pair.moves) {
        if (to.needed === FAR || to.needed + 1 >= pair.needed) continue;
        pair.needed = to.needed + 1;
        changed = true;
      }
    }
  }
}

// The automaton as a table; `letters` are the symbols that its exceptions read.
function writtenOut(automaton, dfa, letters) {
  const kinds = dfa.columns.slice();
  letters.forEach((symbol, place) => { kinds[symbol] = dfa.width + place; });
  const numbers = new Map(), columns = new Int32Array(kinds.length), members = [];
  for (let symbol = 1; symbol < kinds.length; symbol++) {
    if (!numbers.has(kinds[symbol])) numbers.set(kinds[symbol], members.push(symbol) - 1);
    columns[symbol] = numbers.get(kinds[symbol]);
  }
  const width = members.length, moves = new Int32Array(automaton.states * width);
  for (let state = 0; state < automaton.states; state++) {
    members.forEach((symbol, column) => { moves[state * width + column] = automaton.step(state, symbol); });
  }
  return trimmed(columns, width, moves, Array.from(automaton.needed, (needed) => needed === 0), automaton.start);
}
