// Names in lines of items, `Anna, Bo, Cy`: in one line, in wrapped lines, in brackets, in quotes: data/items.py.

const ITEM_SEPARATORS = [",", ";", "、", "，", "；", "،", "؛", "|", "•", "·", "\t"];
const OTHER_SEPARATORS = { "•": "bullets", "·": "points", "、": "commas", "，": "commas", "،": "commas" };
const ITEMS_A_LINE = 3, WORDS_OF_A_SENTENCE = 5;
const BRACKETED = /^[([{]([^()[\]{}]*)[)\]}][;.,]?$/;
const CALLED = /^([^:：;|]{1,80})[:：](?!\/\/)\s*(?=\S)/u; // what the items are called, at the beginning of their line
// Places in the name of a chemical, as in 2,4-dinitrophenol or N,N-dimethylaniline: their commas part nothing.
const LOCANTS = /\p{Nd}{1,2}['′]*(?:,\p{Nd}{1,2}['′]*){1,9}-|[A-Z](?:,[A-Z]){1,9}-/gu;

const separatorWord = (separator) => OTHER_SEPARATORS[separator] ?? DELIMITER_WORDS[separator] ?? "semicolons";

// The names of one line of items, or of a few such lines; null if there are none. `lines` are the first ones, stripped
// and without empty ones; `everything` returns all.
function itemsOf(lines, everything, source) {
  const inBrackets = itemsInBrackets(lines, everything, source);
  if (inBrackets) return inBrackets;
  let called = CALLED.exec(lines[0]);
  if (called && called[1].includes(",") && wordsOf(called[1]).length < WORDS_OF_A_SENTENCE) called = null;
  const rest = called ? lines[0].slice(called[0].length) : lines[0];
  const flow = called && lines.length === 1 ? BRACKETED.exec(rest) : null;
  if (flow) { // of YAML
    const items = splitItems(flow[1], itemSeparator([flow[1]]));
    const note = `${source}: ${textOf("brackets-called", { count: items.length, called: inQuotes(called[1]) })}`;
    return items.length > 1 && areItems(items) ? listOf(items, { notes: [note] }) : null;
  }
  lines = [rest, ...lines.slice(1)];
  const separator = itemSeparator(lines);
  if (!lines[0].includes(separator)) return null;
  const rows = lines.map((line) => splitItems(line, separator)), items = rows.flat();
  const least = lines.length === 1 && (called || allQuoted(lines[0], separator)) ? 2 : 3;
  if (items.length < least || !areItems(items)) return null;
  const wrapped = lines.length > 1 && lines.slice(0, -1).every((line) => line.endsWith(separator));
  const widths = rows.map((row) => row.length);
  const ragged = lines.length > 1 && new Set(widths).size > 1 && Math.min(...widths.slice(0, -1)) > 1;
  if (items.length < (wrapped ? 2 : ITEMS_A_LINE) * lines.length && least === 3) {
    if (!ragged) return null;
    if (mostFrequent(widths)[0] < ITEMS_A_LINE) {
      const such = inQuotes(onOneLine(lines[0], 40));
      throw refusalOf("unclear-separators", { source, signs: say(separatorWord(separator)), such });
    }
  }
  const every = everything().map((line) => line.trim()).filter(Boolean);
  if (called) every[0] = every[0].slice(called[0].length);
  const names = every.flatMap((line) => splitItems(line, separator));
  const leftOut = called ? say("called-left-out", { called: inQuotes(called[1]) }) : "";
  const facts = { n: every.length, names: names.length, leftOut, signs: say(separatorWord(separator)) };
  let last = names.pop().replace(/^(and|und|et|y|e|i|и|or) /, "");
  if (!names.some((name) => name.endsWith("."))) last = last.replace(/\.$/, "");
  return listOf([...names, last], { notes: [`${source}: ${textOf("names-in-lines", facts)}`] });
}

// The names of a list in brackets, without quotes.
function itemsInBrackets(lines, everything, source) {
  if (!"[({".includes(lines[0][0])) return null;
  const found = BRACKETED.exec(everything().map((line) => line.trim()).filter(Boolean).join(" "));
  const items = found ? splitItems(found[1], itemSeparator([found[1]])) : [];
  if (items.length < ITEMS_A_LINE || !areItems(items)) return null;
  return listOf(items, { notes: [`${source}: ${textOf("brackets", { count: items.length })}`] });
}

// Whether all items of a line stand in quotes of the same kind.
function allQuoted(line, separator) {
  if (new RegExp(`^"[^"]*"(?:\\s*${literally(separator)}\\s*"[^"]*")+[,;.]?$`).test(line)) return true;
  return withoutQuotes(line.split(separator).map((item) => item.trim()).filter(Boolean)) !== null;
}

// Refuses a single line that may be a list of names as well as one name or a text.
function checkOneLine(lines, source) {
  const [line] = lines;
  if (lines.length > 1 || /[.!?:。！？…"”»]$/.test(line)) return;
  const separator = itemSeparator(lines), items = splitItems(line, separator), words = wordsOf(line);
  const parted = items.length > 1 && separator !== "\t" && areItems(items); // of a TAB, a remark tells
  const signs = [...new Set(words.filter((word) => !/[\p{L}\p{N}]/u.test(word)))];
  const capitals = words.length >= 5 && words.length <= 50 &&
    words.every((word) => /^\p{Uppercase}/u.test(word) || signs.includes(word));
  const escapes = line.includes("\\n") && !/\s/.test(line);
  if (!parted && !capitals && !escapes) return;
  let token = signs.length === 1 ? signs[0] : " ";
  if (parted) token = separator;
  if (escapes) token = "\\n";
  throw refusalOf("unclear-line", { source, line: inQuotes(onOneLine(line, 40)), records: named("records", token) });
}

// What parts items most often.
function itemSeparator(lines) {
  const text = lines.join("\n").replace(LOCANTS, "");
  const counts = ITEM_SEPARATORS.map((separator) => timesIn(text, separator));
  return ITEM_SEPARATORS[counts.indexOf(Math.max(...counts))];
}

// The items of a line; quotes around them are left out.
function splitItems(line, separator) {
  if (line.includes('"') && ",;|\t".includes(separator)) {
    try {
      return [...csvRows([line], separator, true, true)][0][1].map((item) => item.trim()).filter(Boolean);
    } catch (error) {
      if (!(error instanceof QuotesError)) throw error;
    }
  }
  const held = line.replace(LOCANTS, (found) => found.replaceAll(",", "\0")); // no clean text has a NUL
  const items = held.split(separator).map((item) => item.replaceAll("\0", ",").trim()).filter(Boolean);
  return withoutQuotes(items) ?? items;
}

// Whether they are names, and no parts of sentences.
function areItems(items) {
  const words = items.map((item) => wordsOf(item).length), all = words.reduce((sum, count) => sum + count, 0);
  const lengths = items.map(lengthOf).sort((a, b) => a - b);
  const sentences = items.slice(0, -1).filter(endsAsSentence).length, numbers = items.filter(isNumber).length;
  const long = lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * 19 / 20))];
  const wordy = 10 * words.filter((count) => count > 3).length > items.length || all > 2.5 * items.length;
  return !wordy && long <= 40 && 10 * sentences <= items.length && 2 * numbers <= items.length;
}

// Whether an item ends as a sentence does, and not in an abbreviation such as Jr. or D.C.
function endsAsSentence(item) {
  if (!/[.!?]$/.test(item)) return false;
  const last = wordsOf(item).at(-1);
  return !(last.endsWith(".") && lengthOf(last.split(".").at(-2)) <= 3);
}
