// A look at a text says what it is, before anything is learnt from it: data/recognise.py.

const LINES_LOOKED_AT = 2000, DOUBLE_LINES = "─━═╌╍┄┅┈┉", UPRIGHT_LINES = "│┃║┆┇┊┋╎╏";
const DRAWS_A_BOX = /[\u2500-\u257f]/g, BEGINS_WITH_BOX = /^\s*[\u2500-\u257f]/;
const A_TAG = /<\/?[A-Za-z][^<>]*>/, A_LINK = /\[\[[^[\]]+\]\]|\[[^[\]]+\]\([^()]*\)/;
// What no names are in as they are: how it begins, and what is in most of its lines.
const NO_NAMES = [
  ["markup", /^<(!doctype|\?xml|!--|(html|head|body|svg|div|ul|ol|li|table|tr|p|span|a|rss|text|page)(?![\p{L}\p{N}_]))/iu, A_TAG],
  ["wiki-table", /^\{\|/, null],
  ["markup-with-links", null, A_LINK],
  ["latex", null, /\\(begin|item|end)(?![\p{L}\p{N}_])/u],
  ["sql", /^(.*\n)?(INSERT\s+INTO|CREATE\s+TABLE)\s/i, /INSERT\s+INTO\s/i],
  ["contacts", /^BEGIN:V/, null],
  ["subtitles", /^(WEBVTT(?![\p{L}\p{N}_])|(\p{Nd}+\n)?\p{Nd}\p{Nd}:\p{Nd}\p{Nd}:\p{Nd}\p{Nd}[,.]\p{Nd}{3} --> )/u, null],
  ["fasta", /^>\S.*\n[A-Z*-]{4,}$/, null],
  ["settings", /^\[[^[\]\n]+\]\n[\p{L}\p{N}_ .-]+?\s*=[^,;]*$/u, null],
  ["program-keys", null, /"[^"]*"\s*=\s*"[^"]*"\s*;/],
  ["rtf", /^\{\\rtf/, null],
  ["yaml", /^-\s+([\p{L}\p{N}_-]+):\s.*\n(-\s+\1|[\p{L}\p{N}_-]+):\s/u, null],
];
const A_NAMESBASE = /^([^|]*)\|(\p{Nd}+)\|(\p{Nd}+)\|([^|]*)\|([\p{Nd}.]*)\|(.+)$/u;
const LABELLED_ITEMS = /^([^:=;,|]{1,40}?)\s*(?:[:=]\s+|[:=](?!\/\/))(\S.*)$/u;

const strippedLines = (text) => text.split("\n").map((line) => line.trim());

// What is in the clean text of a source. Refuses markup, and what is ambiguous.
function recognised(text, source, reading) {
  if (reading.records !== null) return recordsOf(text, source, reading.records);
  if (askedColumn(reading)) return askedTable(text, source, reading);
  if (reading.format !== "auto" || reading.labels === true) return listOf([], { plainText: text });
  let head = text.split("\n").slice(0, LINES_LOOKED_AT);
  if (2 * head.filter((line) => BEGINS_WITH_BOX.test(line)).length > head.length) {
    text = text.replace(DRAWS_A_BOX, (sign) => (DOUBLE_LINES.includes(sign) ? "-" : UPRIGHT_LINES.includes(sign) ? "|" : "+"));
    head = text.split("\n").slice(0, LINES_LOOKED_AT);
  }
  refuseMarkup(head, source);
  if (looksLikeJson(text.slice(0, 1000))) {
    const found = namesOfTable(readJson(text, source, reading.skip_bad_lines), reading);
    return { ...found, unfolded: true };
  }
  const strings = stringsOfProgram(text);
  if (strings) return listOf(strings, { notes: [`${source}: ${textOf("strings-of-program")}`], unfolded: true });
  const stripped = head.map((line) => line.trim()), first = stripped.find(Boolean) ?? "";
  const rare = RARE_COMMENT_MARKS.some((mark) => first.startsWith(`${mark} `));
  let [cleaned, comments, dropped] = [stripped, [], 0];
  if (rare || stripped.some((line) => COMMENT_MARKS.some((mark) => line.startsWith(mark))) || text.includes("\n#")) {
    [cleaned, comments, dropped] = withoutComments(strippedLines(text));
  }
  const lines = cleaned.slice(0, LINES_LOOKED_AT).filter(Boolean);
  let found = structureOf(lines, comments.length ? cleaned : null, text, head, source, reading);
  if (!found && lines.length && (/[.!?:)]$/.test(lines.at(-1)) || lines.slice(0, 3).some((line) => /[:：]$/.test(line)))) {
    found = framedList(comments.length ? cleaned : strippedLines(text), source, reading);
  }
  const said = comments.join("; ");
  if (!found && comments.length && kindOfText(lines.join("\n")) === "names") {
    found = listOf([], { plainText: cleaned.join("\n"), notes: [`${source}: ${said}`] });
  } else if (found && comments.length && !found.columns.length) {
    found.notes[0] = `${found.notes[0] ?? source}; ${said}`;
  }
  if (!found) return listOf([], { plainText: text, remarks: remarksOf(lines, source) });
  if (!found.columns.length) found.blank -= dropped; // the rows of a table have their comments yet
  return found;
}

// The names between an introduction and a closing sentence, as a letter or a chatbot's answer has them.
function framedList(lines, source, reading) {
  const [inner, leftOut, introduced] = withoutFrame(lines);
  if (!inner.length || !leftOut.length) return null;
  const text = inner.join("\n");
  let found = structureOf(inner.slice(0, LINES_LOOKED_AT), inner, text, inner, source, reading);
  if (!found && introduced && kindOfText(text) === "names") found = listOf([], { plainText: text });
  if (found) found.notes = [...found.notes, `${source}: ${ofLines("left-out-lines", leftOut)}`];
  return found;
}

// The names of lines that are not plain; null if they are. `lines` are the first ones, stripped, without comments;
// `cleaned` are all of them, if there were comments.
function structureOf(lines, cleaned, text, head, source, reading) {
  if (!lines.length) return null;
  const everything = () => cleaned ?? text.split("\n"), plainText = cleaned ? cleaned.join("\n") : text;
  const labelled = reading.labels !== false && looksLabelled(plainText, reading.labels === "any");
  if (labelled && !isHeader(lines[0].split("\t"))) return listOf([], { plainText, notes: cleaned ? [source] : [] });
  const lists = labelledItems(lines, everything, source);
  if (lists) return lists;
  const quoted = head.some((line) => line.includes('"')); // and what looks like a comment may be inside
  const delimiter = delimiterOf(quoted ? head.map((line) => line.trim()).filter(Boolean) : lines, source);
  if (delimiter !== null && !(delimiter === "\t" && reading.labels === false)) {
    return namesOfTable(tableOf(source, tableRows(text.split("\n"), delimiter), null, delimiter), reading);
  }
  const items = itemsOf(lines, everything, source);
  if (items) return items;
  let [names, notes] = withoutMarks(lines);
  if (notes.length && kindOfText(names.join("\n")) === "names") {
    const every = everything().map((line) => line.trim());
    [names, notes] = withoutMarks(every);
    return listOf(names, { blank: blankLines(every), notes: [`${source}: ${notes.join("; ")}`] });
  }
  if (lines.length > 2 && lines.every((line) => COUNTED_NAME.test(line)) && lines.some((line) => HAS_LETTER.test(line))) {
    return countedNames(lines, everything(), head, source, reading);
  }
  checkOneLine(lines, source);
  return null;
}

// The names of a table whose columns are asked for.
function askedTable(text, source, reading) {
  if (looksLikeJson(text.slice(0, 1000))) {
    const found = readJson(text, source, reading.skip_bad_lines);
    if (!found.rows) {
      throw refusalOf("json-no-table", { source, option: named(askedColumn(reading)) });
    }
    return { ...namesOfTable(found, reading), unfolded: true };
  }
  const lines = text.split("\n");
  const asked = [reading.column, ...reading.label_column, reading.weight_column].filter((name) => name !== null);
  const isDecimal = (name) => /^\p{Nd}+$/u.test(name);
  let header = asked.every(isDecimal) ? null : true;
  const table = quotesChecked(source, () => {
    let delimiter = delimiterOf(strippedLines(lines.slice(0, LINES_LOOKED_AT).join("\n")).filter(Boolean), source);
    if (delimiter === null) {
      delimiter = mostFrequentDelimiter(lines);
      // A table of one column, or a refusal that names the columns.
      if ([ALIGNED, " "].includes(delimiter) && !asked.every(isDecimal)) delimiter = ",";
    }
    const first = lines.find((line) => line.trim()) ?? "", fields = [...tableRows([first], delimiter)].flatMap(([, row]) => row);
    // Such as 1990, which is no number of a column.
    if (asked.some((name) => fields.includes(name) && isDecimal(name) && Number(name) > fields.length)) header = true;
    return tableOf(source, tableRows(lines, delimiter), header, delimiter);
  });
  return namesOfTable(table, reading);
}

// The names of lines that each have a number before or after the name. Refuses them if it may be a part.
function countedNames(lines, everything, head, source, reading) {
  const table = tableOf(source, tableRows(everything, " "), false, " "), filled = head.filter((line) => line.trim());
  const aligned = filled.some((line) => /^\s/.test(line)) && /^\s*\p{Nd}/u.test(filled[0]);
  const [first, second] = table.columns.map(({ holds }) => holds);
  if (aligned && first === "numbers" && second === "names") return namesOfTable(table, reading); // as uniq -c writes them
  const such = inQuotes(onOneLine(lines[0], 40)), key = /^\p{Nd}/u.test(lines[0]) ? "number-before" : "number-after";
  throw withColumns(refusalOf(key, { source, such }), table.columns);
}

// The names of a namesbase, or of lines of a label, a colon and items.
function labelledItems(lines, everything, source) {
  let lists, what, every;
  if (lines.every((line) => A_NAMESBASE.test(line))) {
    every = everything();
    const found = every.map((line) => A_NAMESBASE.exec(line.trim())).filter(Boolean);
    lists = found.map((match) => [match[1].trim() || "-", splitItems(match[6], ",")]);
    what = textOf("namesbase", { labels: fewOf(lists.map(([label]) => label)) });
  } else if (mostAreLabelled(lines)) {
    every = everything();
    const stripped = every.map((line) => line.trim());
    const found = stripped.map((line) => LABELLED_ITEMS.exec(line)).filter(Boolean);
    const joined = lines.join("\n"), separator = timesIn(joined, ";") > timesIn(joined, ",") ? ";" : ",";
    lists = found.map((match) => [match[1].trim(), splitItems(match[2], separator)]);
    const others = stripped.filter((line) => line && !LABELLED_ITEMS.test(line));
    const long = lists.map(([, items]) => items).filter((items) => items.length > 1);
    if (2 * long.length < lists.length || !long.every(areItems) || others.join("").includes(separator)) return null;
    if (new Set(lists.map(([label]) => label)).size < lists.length) {
      throw refusalOf("labels-repeat", { source, such: inQuotes(onOneLine(lines[0], 40)) });
    }
    what = textOf("lists-of-lines", { labels: fewOf(lists.map(([label]) => label)) });
    if (others.length) what += textOf("one-left-out", { line: inQuotes(onOneLine(others[0], 40)) });
  } else {
    return null;
  }
  const names = lists.flatMap(([, items]) => items), labels = lists.flatMap(([label, items]) => items.map(() => label));
  const several = new Set(labels).size > 1;
  const note = `${source}: ${what}${several ? textOf("names-are-labels") : ""}`;
  return listOf(names, { labels: several ? labels : null, blank: blankLines(every), notes: [note] });
}

// Whether all lines, but for one at most, are a label and something after a colon.
function mostAreLabelled(lines) {
  if (lines.length < 2 || !LABELLED_ITEMS.test(lines[1])) return false;
  const found = lines.map((line) => LABELLED_ITEMS.exec(line)?.[1]).filter((label) => label !== undefined);
  return found.length >= Math.max(2, lines.length - 1) && found.every((label) => HAS_LETTER.test(label));
}

// The records of a text, parted by blank lines or by a token: in a line of its own, if there is such a line.
function recordsOf(text, source, token) {
  const alone = new RegExp(`^[^\\S\\n]*${literally(token)}[^\\S\\n]*$`, "mu");
  const parted = token === BLANK_LINES ? /\n[^\S\n]*\n\s*/ : alone.test(text) ? new RegExp(alone, "gmu") : token;
  const records = text.split(parted).map((part) => {
    return part.trim().includes("\n") ? part.replace(/^\n+|\n+$/g, "") : part.replace(/^\n+|\n+$/g, "").trim();
  }).filter((record) => record.trim());
  if (records.length === 1) throw refusalOf("one-record", { source, records: named("records", token) });
  const by = token === BLANK_LINES ? say("blank-lines") : onOneLine(token);
  return listOf(records, { notes: [`${source}: ${textOf("records-by", { count: records.length, by })}`] });
}

// Refuses markup, and what else has its names between other things.
function refuseMarkup(head, source) {
  const lines = head.map((line) => line.trim()).filter(Boolean), begins = lines.slice(0, 2).join("\n");
  for (const [what, first, most] of NO_NAMES) {
    let found = first !== null && first.test(begins);
    if (!found && most && (lines.length > 1 || most === A_TAG) && lines.slice(0, 5).some((line) => most.test(line))) {
      found = 2 * lines.filter((line) => most.test(line)).length > lines.length;
    }
    if (!found) continue;
    throw refusalOf("is-markup", { source, what: say(what), line: inQuotes(onOneLine(lines[0], 60)) });
  }
}

// What there is to say about plain lines.
function remarksOf(lines, source) {
  if (lines.length && NAME_COLUMNS.includes(lines[0].toLowerCase())) {
    return [`${source}: ${textOf("first-line-learnt", { line: inQuotes(lines[0]) })}`];
  }
  const words = lines.flatMap(wordsOf), letters = words.reduce((sum, word) => sum + lengthOf(word), 0);
  if (words.length > 2 * lines.length && letters <= 2.5 * words.length) {
    return [`${source}: ${textOf("short-tokens")}`];
  }
  const commented = lines.filter((line) => /\s(#|\/\/)\s/.test(line));
  if (commented.length) return [`${source}: ${ofLines("comments-learnt", commented)}`];
  const tabs = lines.filter((line) => line.includes("\t")).length;
  return tabs ? [`${source}: ${textOf("tabs-learnt", { n: tabs })}`] : [];
}

// The empty lines, without what follows the last line feed.
const blankLines = (lines) => lines.filter((line) => !line.trim()).length - (lines.at(-1).trim() ? 0 : 1);
