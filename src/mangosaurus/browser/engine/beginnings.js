// How names begin where several beginnings are asked for: generation/beginnings.py.

const MOST_BEGINNINGS = 4096, MOST_COMPARED = 64, MOST_BEGINNING_CELLS = 2_000_000, OFTENER = 100, OUTSIDE = -1;

// The ids of every beginning that a name may have, sorted, none of which begins with another one; null if too many.
function beginningsOf({ prefix, ignore_case: ignoreCase }, vocabulary) {
  if (!prefix.length) return [[]];
  let found = [];
  if (!ignoreCase) found = prefix.map((text) => encoded("prefix", text, vocabulary));
  else {
    const alike = ignoringCase(vocabulary), members = new Map();
    alike.letters.forEach(([letter], place) => {
      if (place === END) return;
      if (!members.has(letter)) members.set(letter, []);
      members.get(letter).push(place);
    });
    for (const text of prefix) {
      const choices = alike.find(text).map((letter) => members.get(letter));
      if (choices.includes(undefined)) encoded("prefix", text, vocabulary);  // says which
      if (found.length + choices.reduce((all, some) => all * some.length, 1) > MOST_BEGINNINGS) return null;
      let words = [[]];
      for (const some of choices) words = words.flatMap((word) => some.map((symbol) => [...word, symbol]));
      found.push(...words);
    }
  }
  const words = [];
  for (const word of found.sort(byIds)) if (!words.length || !words.at(-1).every((id, place) => id === word[place])) words.push(word);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  return words.length === 1 || letters * vocabulary.size <= MOST_BEGINNING_CELLS ? words : null;
}

function encoded(name, text, vocabulary) {
  try {
    return vocabulary.encode(text);
  } catch (refusal) {
    throw new Refusal([...refusal.said, ...besideComma(name, text)]);
  }
}

// What to say beside a refusal of a text that may be meant as several.
function besideComma(name, text) {
  if (!["prefix", "suffix"].includes(name) || !text.includes(",")) return [];
  return say("several-texts", { option: named(name) });
}

function byIds(one, other) {
  for (let place = 0; place < Math.min(one.length, other.length); place++) {
    if (one[place] !== other[place]) return one[place] - other[place];
  }
  return one.length - other.length;
}

// What all of them begin with; nothing of null.
function commonBeginning(words) {
  if (!words?.length) return [];
  const [first, last] = [words[0], words.at(-1)];
  const length = first.findIndex((id, place) => id !== last[place]);
  return length < 0 ? first.slice() : first.slice(0, length);
}

// log p of each word, without END.
function wordScores(model, words) {
  const rows = predict(model, words);
  let row = 0;
  return words.map((word) => {
    const score = word.reduce((sum, symbol, place) => sum + rows[(row + place) * model.symbols + symbol], 0);
    row += word.length + 1;
    return score;
  });
}

// A beginning that differs from those asked for in case alone and is OFTENER times as likely or more, and how many times.
function usualBeginning(model, wanted, vocabulary) {
  if (!wanted.prefix.length || wanted.ignore_case) return null;
  const [asked, words] = [false, true].map((each) => beginningsOf({ ...wanted, ignore_case: each }, vocabulary));
  if (!asked || !words || words.length < 2 || words.length > MOST_COMPARED) return null;
  const scores = new Map(wordScores(model, words).map((score, place) => [words[place].join(), score]));
  const usual = words.reduce((best, word) => (scores.get(word.join()) > scores.get(best.join()) ? word : best));
  const best = Math.max(...asked.map((word) => scores.get(word.join()) ?? -Infinity));
  const times = Math.exp(Math.min(scores.get(usual.join()) - best, 700));
  return times >= OFTENER ? { beginning: vocabulary.decode(usual), times } : null;
}

// Beginnings after what they have in common: for each node, the root first, the `following` nodes and the `chance` of
// every symbol, (nodes, symbols); of a leaf, all are OUTSIDE.
class Tree {
  constructor(model, words, temperature) {
    const { symbols } = model, first = commonBeginning(words).length;
    const trie = new Trie(words.map((word) => word.slice(first)).filter((word) => word.length)), count = trie.parents.length;
    const logP = new Float64Array(count);
    let state = stateAfter(model, words[0].slice(0, first));
    for (let level = 1; level < trie.levels.length - 1; level++) {
      const [before, here, after] = trie.levels.slice(level - 1, level + 2), found = model.logProbs(state);
      const parents = Array.from({ length: after - here }, (_, place) => trie.parents[here + place] - before);
      if (temperature !== 0 && temperature !== 1) {
        for (let cell = 0; cell < found.length; cell++) found[cell] /= temperature;
        normalized(found, symbols);
      }
      for (let node = here; node < after; node++) {
        logP[node] = logP[trie.parents[node]] + found[parents[node - here] * symbols + trie.symbols[node]];
      }
      if (after < count) state = model.advance(select(state, parents), parents.map((_, place) => trie.symbols[here + place]));
    }
    const mass = new Float64Array(count), shares = beginningShares(trie.ends.map((node) => logP[node]), temperature);
    trie.ends.forEach((node, place) => { mass[node] = shares[place]; });
    for (let node = count - 1; node > 0; node--) mass[trie.parents[node]] += mass[node];
    const leaves = new Set(trie.ends);
    Object.assign(this, { trie, leaves, symbols });
    this.chance = new Float64Array(count * symbols);
    this.following = new Int32Array(count * symbols).fill(OUTSIDE);
    for (let node = 1; node < count; node++) {
      const parent = trie.parents[node], cell = parent * symbols + trie.symbols[node];
      this.chance[cell] = mass[node] / (mass[parent] > 0 ? mass[parent] : 1);
      this.following[cell] = leaves.has(node) ? OUTSIDE : node;
    }
  }

  row(node) {
    return this.chance.subarray(node * this.symbols, (node + 1) * this.symbols);
  }

  step(node, symbol) {
    return node === OUTSIDE ? OUTSIDE : this.following[node * this.symbols + symbol];
  }

  // The guide's h of every node, and after every symbol of it; `state` is that of the automaton after what is in common,
  // and `longest` the number of characters that may follow that.
  ahead(automaton, guide, state, longest) {
    const { trie, symbols } = this, count = trie.parents.length;
    const states = new Int32Array(count).fill(DEAD), pairs = new Int32Array(count).fill(guide.start), depth = new Int32Array(count);
    const value = new Float64Array(count), after = new Float64Array(count * symbols);
    states[0] = state;
    for (let node = 1; node < count; node++) {
      const parent = trie.parents[node];
      depth[node] = depth[parent] + 1;
      states[node] = automaton.step(states[parent], trie.symbols[node]);
      if (states[node] !== DEAD) pairs[node] = guide.step(pairs[parent], trie.symbols[node]);
    }
    for (let node = count - 1; node > 0; node--) {
      const left = longest - depth[node];
      if (this.leaves.has(node)) {
        value[node] = automaton.distance(states[node]) <= left ? guide.value(pairs[node], Math.max(left, 0)) : 0;
      }
      const cell = trie.parents[node] * symbols + trie.symbols[node];
      after[cell] = value[node];
      value[trie.parents[node]] += this.chance[cell] * value[node];
    }
    return { value, after };
  }
}

// Of log-probabilities, the probabilities, the greatest scaled to 1; at temperature 0, the others are 0.
function beginningShares(logP, temperature) {
  const top = Math.max(...logP);
  if (top === -Infinity) return logP.map(() => 1);
  if (temperature === 0) return logP.map((_, place) => (place === logP.indexOf(top) ? 1 : 0));
  return logP.map((each) => Math.exp(each - top));
}
