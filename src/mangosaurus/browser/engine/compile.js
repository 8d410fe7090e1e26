// The automaton of the names that satisfy all constraints: generation/constraints/compile.py.

const NAMED = 4;  // so many of several prefixes or suffixes are named in a message

// Accepts a name if and only if it satisfies what is `wanted`, of which `clean` is an automaton; `composed` says which
// names are in NFC.
function compileConstraints(wanted, vocabulary, composed) {
  const least = Math.max(wanted.min_length ?? 0, 1), most = wanted.max_length ?? null;
  const spelling = !wanted.exact ? ignoringAccents(vocabulary) : wanted.ignore_case ? ignoringCase(vocabulary) : exactly(vocabulary);
  const avoided = wanted.avoid.map((name) => spelling.find(name)).filter((word) => word.length && !word.includes(-1));
  const parts = constraintParts(wanted, vocabulary, spelling, avoided, composed);
  let dfa = everything(vocabulary.size);
  parts.forEach((part, place) => {
    dfa = attempt(part.label, parts.slice(0, place), () => minimized(intersection(dfa, part.dfa)));
    if (dfa.states) return;
    const others = fewest(parts.slice(0, place), (some) => !joined(some).states, [part]);
    throw new Refusal("cannot-meet-together", { label: part.label, others: labelsInWords(others) });
  });
  const limited = attempt(say("the-lengths"), parts, () => minimized(withLengths(dfa, least, most)));
  if (!limited.states) throw new Refusal(...noLength(parts, wanted, most, vocabulary));
  const edges = withoutSpacesAround(vocabulary);
  if (edges && parts.length && !intersection(limited, edges).states) {
    const guilty = fewest(parts, (some) => !intersection(withLengths(joined(some), least, most), edges).states);
    throw new Refusal("spaces-around", { labels: labelsInWords(guilty) });
  }
  const [automaton, excluded] = exclude(limited, wanted.avoid_parts ? [] : avoided, spelling);
  if (automaton.start === DEAD) {
    const asked = parts.map((part) => part.label);
    for (const [name, length] of [["min_length", wanted.min_length ?? null], ["max_length", most]]) {
      if (length !== null) asked.push([named(name), ` ${length}`]);
    }
    const allowed = say("that-allow", { n: asked.length, labels: listed(asked) });
    throw new Refusal("avoid-leaves-nothing", { n: excluded, allowed });
  }
  return automaton;
}

// What `build` makes; too large a constraint is refused.
function attempt(label, others, build) {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    const together = others.length ? say("together-with", { label, others: labelsInWords(others) }) : label;
    throw new Refusal("cannot-be-compiled", { label: together, why: error.message });
  }
}

// Every constraint by itself, {label, dfa}, without the lengths and the whole names to avoid. Each accepts some name.
function constraintParts(wanted, vocabulary, spelling, avoided, composed) {
  const alike = wanted.ignore_case ? ignoringCase(vocabulary) : exactly(vocabulary), parts = [];
  const add = (label, letters, build) => {
    parts.push({ label, dfa: attempt(label, [], () => minimized(letters.symbols(build(letters.size)))) });
  };
  if (composed) {
    parts.push({ label: say(isPlain(vocabulary) ? "in-nfc" : "read-as-drawn"), dfa: composed.dfa });
  }
  if (wanted.without) {
    const letters = alike.find(wanted.without).filter((letter) => letter > END);
    add(labelOf("without", [wanted.without]), alike, (size) => withoutLetters(letters, size));
  }
  const texts = [["prefix", wanted.prefix, beginningWith], ["suffix", wanted.suffix, endingWith],
    ...wanted.contains.filter(Boolean).map((text) => ["contains", [text], containing])];
  for (const [name, some, build] of texts) {
    if (!some.length) continue;
    const words = some.map((text) => lettersOf(name, text, alike, vocabulary));
    add(labelOf(name, some), alike, (size) => build(words, size));
  }
  for (const text of wanted.pattern) {
    parts.push({ label: labelOf("pattern", [text]), dfa: compilePattern(text, vocabulary, "pattern", wanted.ignore_case) });
  }
  for (const text of wanted.not_pattern) {
    const label = labelOf("not_pattern", [text]);
    const dfa = minimized(complement(compilePattern(text, vocabulary, "not_pattern", wanted.ignore_case)));
    if (!dfa.states) throw new Refusal("no-name-because", { label, why: say("matches-every") });
    parts.push({ label, dfa });
  }
  if (wanted.max_repeat !== undefined) {
    add([named("max_repeat"), ` ${wanted.max_repeat}`], ignoringCase(vocabulary), (size) => withoutRuns(wanted.max_repeat, size));
  }
  if (wanted.avoid_parts && avoided.length) add([named("avoid_parts")], spelling, (size) => freeOf(avoided, size));
  if (wanted.clean) parts.push({ label: [named("clean")], dfa: wanted.clean });
  return parts;
}

// The letters of a text; refuses one that the vocabulary cannot spell.
function lettersOf(name, text, spelling, vocabulary) {
  const word = spelling.find(text);
  if (word.length && !word.includes(-1)) return word;
  try {
    vocabulary.encode(text);
  } catch (refusal) {
    throw new Refusal("no-name-because", { label: labelOf(name, [text]), why: [...refusal.said, ...besideComma(name, text)] });
  }
  throw new Refusal("no-name", { label: labelOf(name, [text]) });
}

// What neither begins nor ends with a space; null if the vocabulary has none.
function withoutSpacesAround(vocabulary) {
  const space = vocabulary.ids.get(" ");
  if (space === undefined) return null;
  const columns = new Int32Array(vocabulary.size);
  columns[space] = 1;
  return trimmed(columns, 2, Int32Array.of(1, DEAD, 1, 2, 1, 2), [true, true, false]);
}

// An option with its text, or with the first few of those of which one is to hold.
function labelOf(name, texts) {
  const shown = texts.slice(0, NAMED).map((text) => quoted(text));
  if (texts.length > NAMED) shown[NAMED - 1] = textOf("n-others", { n: texts.length - NAMED + 1 });
  return [named(name), ` ${listed(shown, "or").join("")}`];
}

// The automaton that meets all of `parts`, at least one.
function joined(parts) {
  return parts.slice(1).reduce((dfa, part) => minimized(intersection(dfa, part.dfa)), parts[0].dfa);
}

// As few of `parts` as still fail together with `fixed`: without any one of them they would not.
function fewest(parts, fails, fixed = []) {
  let kept = [...parts];
  for (const part of parts) {
    const fewer = kept.filter((other) => other !== part);
    try {
      if (fewer.length && fails([...fewer, ...fixed])) kept = fewer;
    } catch (error) {  // in this order they are too many states, in the order of `parts` they were not
      if (!(error instanceof TooLarge)) throw error;
    }
  }
  return kept;
}

// Why no name that meets `parts` is of the length asked for: what a refusal says.
function noLength(parts, wanted, most, vocabulary) {
  if (!parts.length) return ["no-symbols", { units: say(`${vocabulary.unit}s`) }];
  const least = Math.max(wanted.min_length ?? 0, 1), guilty = fewest(parts, (some) => !withLengths(joined(some), least, most).states);
  const dfa = joined(guilty), allowed = say("together-allow", { n: guilty.length, labels: labelsInWords(guilty) });
  const shortest = dfa.needed[dfa.start], top = longestOf(dfa);
  if (top === 0) return ["only-the-empty", { allowed }];
  if (top !== null && top < least) return ["longest-allowed", { allowed, length: vocabulary.counted(top), limit: String(least) }];
  if (most !== null && shortest > most) {
    return ["shortest-allowed", { allowed, length: vocabulary.counted(shortest), limit: String(most) }];
  }
  const length = least === most ? vocabulary.counted(least)
    : say("from-to", { least: String(least), most: String(most), units: say(`${vocabulary.unit}s`) });
  return ["none-allowed", { allowed, length }];
}

const labelsInWords = (parts) => listed(parts.map((part) => part.label));
