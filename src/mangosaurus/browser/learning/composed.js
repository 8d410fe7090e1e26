// Which strings of a vocabulary are in NFC and cut into symbols as they were drawn: generation/constraints/composed.py.

// The automaton as pages have it, {start, columns, moves}; null if all strings are.
function composedTable(vocabulary) {
  const parts = vocabulary.inventory.size
    ? [symbolsInNfc(vocabulary), readAgain(vocabulary)]
    : [charactersInNfc(vocabulary.characters)];
  const found = parts.filter(Boolean);
  if (!found.length) return null;
  const { start, columns, width, moves, states } = found.length === 2 ? minimized(intersection(...found)) : found[0];
  return { start, columns: [...columns], moves: Array.from({ length: states }, (_, state) => [...moves.subarray(state * width, (state + 1) * width)]) };
}

// The smallest automaton whose states all accept and whose moves are `rows`, a list for each; null if it accepts all.
function acceptingAll(rows) {
  const width = rows[0].length, columns = Int32Array.from({ length: width + 1 }, (_, symbol) => Math.max(0, symbol - 1));
  const found = minimized(trimmed(columns, width, Int32Array.from(rows.flat()), rows.map(() => true)));
  return found.states === 1 && found.moves.every((to) => to !== DEAD) ? null : found;
}

// Unicode's classes of marks, as far as they tell the order of those in a list: 0 for what is no mark, and else a number
// that is greater in a higher class.
function markClasses(characters) {
  const apart = (text) => text.normalize("NFD"), alike = (one, other) => apart(one + other) === apart(other + one);
  const isMark = (one) => ["\u0334", "\u0345"].some((other) => one !== other && alike(one, other));  // of the lowest and the highest
  const below = (one, other) => alike(one, other) && apart(one + other) === apart(one) + apart(other);
  const marks = characters.filter((each) => /\p{M}/u.test(each) && isMark(each)), distinct = [];
  for (const mark of marks) {
    if (distinct.every((other) => other !== mark && alike(other, mark))) distinct.push(mark);
  }
  return characters.map((each) => (marks.includes(each) ? 1 + distinct.filter((other) => below(other, each)).length : 0));
}

// Strings of characters that are in NFC: what decides is which characters compose with the last that is no mark, and the
// class of the last mark after it. Null if all strings are.
function charactersInNfc(characters) {
  const isNfc = (text) => text === text.normalize("NFC");
  const alone = characters.map(isNfc), classes = markClasses(characters);
  const mayJoin = (each) => each >= "\u0300" && !(/\p{L}/u.test(each) && !/[\u1100-\u11ff]/u.test(each) && each.codePointAt(0) < 0x10000);
  const joining = characters.map((each, place) => alone[place] && mayJoin(each)
    && (classes[place] > 0 || characters.some((other) => !isNfc(other + each))));
  if (!joining.includes(true) && !alone.includes(false)) return null;
  const sets = new Map([["", 0]]), members = [characters.map(() => false)];
  const after = characters.map((each, place) => {
    if (classes[place]) return 0;
    const composes = characters.map((other, number) => joining[number] && !isNfc(each + other)), key = composes.join();
    if (!composes.includes(true)) return 0;
    if (!sets.has(key)) sets.set(key, members.push(composes) - 1);
    return sets.get(key);
  });
  const levels = 1 + Math.max(...classes), rows = [];
  for (const composes of members) {
    for (let last = 0; last < levels; last++) {
      const group = Math.floor(rows.length / levels);
      rows.push(characters.map((_, place) => {
        const mark = classes[place], heldOff = last > 0 && (mark === 0 || mark === last);
        if (!alone[place] || (mark && mark < last) || (composes[place] && !heldOff)) return DEAD;
        return mark ? group * levels + mark : after[place] * levels;
      }));
    }
  }
  return acceptingAll(rows);
}

// The same of symbols of several characters.
function symbolsInNfc({ characters: symbols }) {
  const characters = [...new Set(symbols.join(""))].sort(byCodePoints), dfa = charactersInNfc(characters);
  if (!dfa) return null;
  const columns = new Map(characters.map((each, place) => [each, dfa.columns[place + 1]]));
  const follow = (state, symbol) => Array.from(symbol).reduce((at, each) => (
    at === DEAD ? DEAD : dfa.moves[at * dfa.width + columns.get(each)]), state);
  const states = [dfa.start, ...[...Array(dfa.states).keys()].filter((state) => state !== dfa.start)];
  const numbers = new Map(states.map((state, number) => [state, number]));
  return acceptingAll(states.map((state) => symbols.map((symbol) => numbers.get(follow(state, symbol)) ?? DEAD)));
}

// The strings of symbols that are cut into the same symbols again, though the longest entry that fits is taken. A state
// has what entries of the inventory still need that have begun with the symbols read.
function readAgain({ characters: symbols, inventory }) {
  const goesOn = (rest) => symbols.some((symbol) => rest.startsWith(symbol) || symbol.startsWith(rest));
  const keyOf = (needed) => [...needed].sort(byCodePoints).join("\0");
  const begun = symbols.map((symbol) => new Set([...inventory]
    .filter((entry) => entry !== symbol && entry.startsWith(symbol)).map((entry) => entry.slice(symbol.length)).filter(goesOn)));
  if (begun.every((needed) => !needed.size)) return null;
  const numbers = new Map([["", 0]]), states = [new Set()], rows = [];
  const numberOf = (needed) => {
    const key = keyOf(needed);
    if (!numbers.has(key)) numbers.set(key, states.push(needed) - 1);
    return numbers.get(key);
  };
  const plain = begun.map(numberOf);
  for (let state = 0; state < states.length; state++) {
    const needed = [...states[state]];
    rows.push(symbols.map((symbol, place) => {
      if (needed.some((rest) => symbol.startsWith(rest))) return DEAD;  // a longer entry would be read
      const further = needed.filter((rest) => rest.startsWith(symbol)).map((rest) => rest.slice(symbol.length)).filter(goesOn);
      return further.length ? numberOf(new Set([...further, ...begun[place]])) : plain[place];
    }));
    if (states.length > 20_000) throw new Refusal("too-many-beginnings");
  }
  return acceptingAll(rows);
}
