// A list that is pasted, dropped or opened becomes names, with their labels and weights; or a sentence says why not. It
// follows data/read.py, data/corpus.py and server/look.py.

const MOST_BYTES = 1 << 24, MOST_LINES = 250_000, KIND_LINES = 20_000;
const FIRST_SHOWN = 10, LONGEST_SHOWN = 200, COLUMNS_SHOWN = 200, LABELS_NAMED = 8, BAD_LINES_NAMED = 8;

// Why a file is not read, from its size in bytes, its name and its first bytes; null if it may be: before all of it is
// read. A page gives `file.size`, `file.name` and `file.slice(0, 100)`.
function problemOfFile(size, name = "", beginning = new Uint8Array()) {
  try {
    checkSize(size, name || textOf("the-list"));
    checkBinary(beginning, name || textOf("the-list"));
    return null;
  } catch (error) {
    if (error instanceof ReadingRefusal) return error.problem;
    throw error;
  }
}

function checkSize(size, source) {
  if (size <= MOST_BYTES) return;
  const has = size < 1e9 ? `${Math.ceil(size / 1e6)} MB` : `${(size / 1e9).toFixed(1)} GB`;
  throw refusalOf("too-large", { source, has, most: Math.floor(MOST_BYTES / 1e6) });
}

// What the page answers to a list, as HTTP's /api/preview does: facts, or the problem, and the columns of a table; and
// the names, labels and weights to learn; whether they are `lowercased`, and in which case nearly all of them were
// `written` before. `text` or `bytes` is the list, `name` that of its file.
function readList({ text, bytes, name, options }) {
  const source = name || textOf("the-list");
  let found = listOf([]), corpus = null, problem = null;
  try {
    const reading = readingOf(options);
    checkSize(bytes ? bytes.length : text.length, source);
    found = readPart(bytes ?? new TextEncoder().encode(text), source, reading);
    corpus = corpusOf(found, source, reading);
    checkLabels(corpus);
  } catch (error) {
    if (!(error instanceof ReadingRefusal)) throw error;
    problem = error.problem;
    found = { ...found, columns: error.columns.length ? error.columns : found.columns };
  }
  const { choice } = found;
  const useOf = (place) => {
    if (choice?.name === place) return "name";
    return choice?.labels.includes(place) ? "label" : choice && choice.weight === place ? "weight" : null;
  };
  return {
    corpus: corpus && factsOf(corpus, source),
    problem,
    columns: found.columns.slice(0, COLUMNS_SHOWN).map(({ name: called, holds, examples }, place) => ({
      name: beginningOf(called, LONGEST_SHOWN),
      holds,
      examples: examples.map((example) => beginningOf(example, LONGEST_SHOWN)),
      learnt: useOf(place),
    })),
    names: corpus?.documents ?? [],
    labels: corpus?.labels ?? null,
    weights: corpus?.weights ?? null,
    lowercased: corpus?.lowercased ?? false,
    written: corpus?.written ?? null,
  };
}

// What the bytes of a list are, and the names in it unless it is plain.
function readPart(bytes, source, reading) {
  const isText = reading.format === "text";
  if (isText) throw refusalOf("format-is-text");
  checkBinary(bytes, source);
  if (reading.sheet !== null) {
    throw refusalOf("no-workbook", { sheet: inQuotes(reading.sheet), source, option: named("sheet") });
  }
  const { name, why } = encodingOf(bytes, source, reading.encoding, reading.skip_bad_lines);
  const { text: raw, badLines } = decodedText(bytes, source, name, reading.skip_bad_lines);
  if (timesIn(raw, "\n") > MOST_LINES) {
    throw refusalOf("too-many-lines", { source, most: MOST_LINES });
  }
  const auto = reading.format === "auto", tally = new Map();
  let whole = raw, damage = null, replaced = null;
  if (auto) {
    [whole, damage] = mendedText(whole, source);
    if (damage && reading.encoding !== null && firstBadByte(bytes, "utf-8-sig") === null) {
      throw refusalOf("encoding-of-utf-8", { asked: inQuotes(reading.encoding), source });
    }
    if (!looksLikeJson(whole.slice(0, 1000))) [whole, replaced] = withoutReferences(whole, source);
  }
  let part = recognised(cleanText(whole, tally), source, reading);
  if (part.unfolded) part = foldedNames(part, source);
  if (auto) checkWhole(part.plainText ?? part.names.join("\n"), source);
  const numbers = fewOf(badLines.map((number) => counting(number)), BAD_LINES_NAMED);
  const met = [
    why && textOf("read-as", { why }),
    badLines.length && textOf("bad-lines", { n: badLines.length, numbers }),
    noteOfInvisible(tally),
    damage,
    replaced,
  ];
  return { ...part, notes: [...met.filter(Boolean).map((each) => `${source}: ${each}`), ...part.notes] };
}

// Refuses a workbook: the page does not read them.
function checkBinary(bytes, source) {
  if (!beginsWith(bytes, codesOf("PK\x03\x04")) && !beginsWith(bytes, codesOf("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))) return;
  throw noText("workbook", { source, what: say("a-workbook") });
}

// The same names without the damage and the invisible characters that JSON may have.
function foldedNames(part, source) {
  const every = [...part.names, ...(part.labels ?? [])].join("\n");
  const half = every.match(/\p{Cs}/u);
  if (half) {
    const code = half[0].charCodeAt(0).toString(16).toUpperCase();
    throw refusalOf("half-of-a-pair", { source, code });
  }
  const [mended, damage] = mendedText(every, source), [whole, replaced] = withoutReferences(mended, source);
  const said = [damage, replaced].filter(Boolean).join("; "), lines = whole.split("\n"), count = part.names.length;
  if (said && lines.length === count + (part.labels?.length ?? 0)) {
    part = { ...part, names: lines.slice(0, count), labels: part.labels && lines.slice(count), notes: [...part.notes, `${source}: ${said}`] };
  }
  if (!MAY_BE_INVISIBLE.test(whole)) return part;
  const tally = new Map(), names = part.names.map((name) => cleanText(name, tally).trim());
  const kept = names.flatMap((name, place) => (name ? [place] : [])), folded = noteOfInvisible(tally);
  return {
    ...part,
    names: kept.map((place) => names[place]),
    labels: part.labels && kept.map((place) => cleanText(part.labels[place]).trim()),
    weights: part.weights && kept.map((place) => part.weights[place]),
    notes: [...part.notes, ...(folded ? [`${source}: ${folded}`] : [])],
  };
}

// The names of what was read, lower-cased if asked for. Refuses a text, and what is empty.
function corpusOf(part, source, reading) {
  const lower = lowering(reading.lowercase), empty = refusalOf("empty", { source });
  let { notes } = part, read = part;
  if (part.plainText !== null) {
    const text = part.plainText;
    const labelled = reading.labels === true || (reading.labels !== false && looksLabelled(text, reading.labels === "any"));
    read = labelled ? labelledLines(text, source) : plainNames(text, source, reading);
    read.blank = Math.max(0, read.blank + part.blank);
    if (!labelled) notes = [...notes, ...part.remarks];
  }
  if (!read.names.length) throw empty;
  if (read.names.some((name) => name.includes("\n"))) throw textRefused(source);
  const documents = reading.lowercase ? read.names.map((name) => lower(name).normalize("NFC")) : read.names;
  const written = reading.lowercase ? shapeOfNames(read.names, reading.lowercase) : null;
  return { documents, labels: read.labels, weights: read.weights, blank: read.blank, notes, lowercased: reading.lowercase, written };
}

// The lower case of most languages, or of one of its own.
function lowering(rule) {
  if (rule === false) return (text) => text;
  return (text) => text.toLocaleLowerCase(rule === true ? "en" : rule);
}

const textRefused = (source) => refusalOf("looks-like-text", { source });

function plainNames(text, source, reading) {
  if (reading.format === "auto" && kindOfText(lowering(reading.lowercase)(text)) === "text") throw textRefused(source);
  const lines = text.split("\n").map((line) => line.trim()), names = lines.filter(Boolean);
  return listOf(names, { blank: Math.max(0, lines.length - names.length - (text.endsWith("\n") || !text ? 1 : 0)) });
}

// Whether a text looks like a list of names: short lines of few words, and few end like sentences.
function kindOfText(text) {
  const lines = text.split("\n").slice(0, KIND_LINES).map((line) => line.trim()).filter(Boolean);
  if (!lines.length) return "names";
  const lengths = lines.map(lengthOf).sort((a, b) => a - b), count = lines.length;
  const usual = lengths[Math.floor(count / 2)], long = lengths[Math.min(count - 1, Math.floor(count * 19 / 20))];
  const words = lines.reduce((sum, line) => sum + wordsOf(line).length, 0);
  const sentences = lines.filter((line) => ".,;:!?”\"'".includes(line.at(-1))).length / count;
  const letters = lines.reduce((sum, line) => sum + lengthOf(line) - timesIn(line, " "), 0);
  const short = usual <= 30 && long <= 60 && (words / count <= 4 || letters <= 2 * words);
  return short && sentences <= 0.25 ? "names" : "text";
}

function checkLabels(corpus) {
  const label = corpus.labels?.find((each) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(each));
  if (label !== undefined) {
    throw refusalOf("control-in-label", { label: onOneLine(label) });
  }
}

// Each name once, where it stands first, with the sum of its weights; under two labels, once with each.
function onceEach({ documents, labels, weights }) {
  const sums = new Map();
  for (const [place, name] of documents.entries()) {
    const key = labels ? `${name}\n${labels[place]}` : name, weight = weights ? weights[place] : 1;
    const before = sums.get(key);
    if (before) before.weight += weight;
    else sums.set(key, { name, label: labels ? labels[place] : null, weight });
  }
  const once = [...sums.values()];
  return {
    documents: once.map(({ name }) => name),
    labels: labels && once.map(({ label }) => label),
    weights: once.every(({ weight }) => weight === 1) ? null : once.map(({ weight }) => weight),
  };
}

// What is learnt, as HTTP tells it: counts, notes, and the first names. A name that repeats is one that counts more.
function factsOf(corpus, source) {
  const once = onceEach(corpus), { documents, labels, weights } = once;
  const vocabulary = vocabularyOf(documents), distinct = vocabulary.characters.length;
  const characters = documents.reduce((sum, name) => sum + vocabulary.split(name).length, 0);
  const counts = labels && tallyOf(labels);
  const names = textOf("n-names", { n: documents.length }), symbols = { characters, distinct: String(distinct) };
  const parts = [names, textOf("characters-distinct", symbols)];
  if (vocabulary.inventory.size) {
    parts.splice(0, 2, textOf("names-and-characters", { names, n: characters, ...symbols }), textOf("of-clusters"));
  }
  if (counts) {
    const some = [...counts].map(([label, count]) => `${label} ${counting(count)}`);
    parts.push(textOf("n-labels", { n: counts.size, labels: fewOf(some, LABELS_NAMED, 300) }));
  }
  const { lowercased: language, blank } = corpus;
  if (language) parts.push(language === true ? textOf("lower-cased") : textOf("lower-cased-by", { language }));
  if (blank) parts.push(textOf("blank-dropped", { n: blank }));
  if (weights) parts.push(howOften(documents, weights));
  return {
    kind: "names",
    documents: documents.length,
    characters,
    distinct,
    labels: counts && Object.fromEntries(counts),
    weight: weights && weights.reduce((sum, weight) => sum + weight, 0),
    summary: `${source}: ${parts.join("; ")}`,
    notes: corpus.notes.map((note) => (note.startsWith(`${source}: `) ? note.slice(source.length + 2) : note)),
    first: documents.slice(0, FIRST_SHOWN).map((name, place) => ({
      text: beginningOf(name, LONGEST_SHOWN), label: labels && labels[place], weight: weights && weights[place],
    })),
  };
}

// How often names count, for the summary.
function howOften(names, weights) {
  const most = weights.reduce((a, b) => Math.max(a, b)), more = weights.filter((weight) => weight > 1).length;
  if (weights.every((weight) => weight === most)) return textOf("all-counted-alike", { most });
  return textOf("counted-more", { n: more, name: inQuotes(names[weights.indexOf(most)]), most });
}
