// Tables: what their columns hold, and which is learnt: data/tables.py.

const NAME_COLUMNS = ["name", "names", "word", "words"];
const COUNT_COLUMNS =
  ["count", "counts", "freq", "freq.", "frequency", "frequencies", "weight", "weights", "occurrences"];
const KNOWN_HEADERS = new Set([
  ...NAME_COLUMNS, ...COUNT_COLUMNS, "first name", "last name", "first_name", "last_name", "firstname", "lastname",
  "given name", "given_name", "surname", "vorname", "nachname", "nom", "prénom", "prenom", "nombre", "nome",
  "apellido", "imię", "имя", "фамилия", "wort", "mot", "palabra", "parola", "слово",
]);
const MOST_TITLES = 5, ROWS_LOOKED_AT = 500, COUNT_DIGITS = 15, LARGEST_COUNT = 10 ** COUNT_DIGITS - 1, IN_A_MESSAGE = 40;
const HAS_LETTER = /[\p{L}\p{Nl}\p{No}]/u, HAS_DIGIT = /[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]/u;
const WITH_EXPONENT = /^[-+]?\p{Nd}[\p{Nd}.,]*[eE][-+]?\p{Nd}+$/u;

// Rows that can be looked at before they are read.
class Rows {
  constructor(rows) {
    this.rows = rows[Symbol.iterator]();
    this.held = [];
  }

  // The first ones, which stay to be read.
  first(most) {
    while (this.held.length < most) {
      const { value, done } = this.rows.next();
      if (done) break;
      this.held.push(value);
    }
    return this.held.slice(0, most);
  }

  *[Symbol.iterator]() {
    yield* this.held;
    for (let next = this.rows.next(); !next.done; next = this.rows.next()) yield next.value;
  }
}

// What was read from a source: names in their order, with what belongs to each; or plain text.
function listOf(names, others = {}) {
  return { names, labels: null, weights: null, blank: 0, notes: [], remarks: [], columns: [], choice: null,
    unfolded: false, plainText: null, ...others };
}

const isFilled = (row) => row.some(Boolean);

// Whether a field has digits and no letters, as numbers, dates and sums of money have.
const isNumber = (text) => HAS_DIGIT.test(text) && (!HAS_LETTER.test(text) || WITH_EXPONENT.test(text));

// A whole number, such as 5000, 5,000 or a workbook's 5000.0; null for anything else.
function wholeNumber(text) {
  text = text.trim().replace(/\.0$/, "");
  if (/^[0-9]{1,3}([,\u202f ][0-9]{3})+$/.test(text)) text = text.replace(/[^0-9]/g, "");
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

// Whether these fields count lines: 1, 2, 3 or 0, 1, 2.
function countsLines(numbers) {
  const values = numbers.map((number) => wholeNumber(number.trim().replace(/[.)]+$/, "")));
  return (values[0] === 0 || values[0] === 1) && values.every((value, place) => value === values[0] + place);
}

// The table of rows; `header` says whether the first is one, null looks at it. Titles above it are left out.
function tableOf(source, rows, header = null, delimiter = "") {
  rows = new Rows(rows);
  const head = quotesChecked(source, () => rows.first(ROWS_LOOKED_AT));
  const filled = head.map(([, row]) => row).filter(isFilled);
  let above = aboveALine(head);
  if (above === null) {
    above = header === null || delimiter ? titlesAbove(filled) : 0;
    if (header === null) header = filled.length > 0 && hasHeader(filled.slice(above));
  } else {
    header = true;
  }
  const names = header && filled.length ? filled[above] : [], below = filled.slice(above + (header ? 1 : 0));
  let width = filled.reduce((most, row) => Math.max(most, row.length), 0);
  if (delimiter && below.length) {
    width = names.length || Math.max(...mostFrequent(below.map((row) => row.length)));
  }
  const columns = [];
  for (let place = 0; place < width; place++) {
    const name = place < names.length ? names[place].replace(/^#/, "").trim() : "";
    const fields = below.map((row) => row[place]).filter(Boolean);
    columns.push({
      name: name || String(place + 1), holds: whatHolds(fields), examples: [...new Set(fields)].slice(0, 3),
    });
  }
  let skipped = above + (header ? 1 : 0);
  rows.held = rows.held.filter(([, row]) => !isFilled(row) || --skipped < 0);
  const table = { source, columns, rows, header: Boolean(header), delimiter, notes: [] };
  if (above) {
    const shown = filled.slice(0, above).map((row) => inQuotes(onOneLine(row.filter(Boolean).join(" "), IN_A_MESSAGE)));
    table.notes.push(textOf(header ? "above-header" : "above-rows", { shown: shown.join(", ") }));
  }
  if (head.some(([, row]) => row === COMMENT_ROW)) table.notes.push(textOf("comments-left-out"));
  return table;
}

// The values that occur most often.
function mostFrequent(values) {
  const counts = tallyOf(values), most = Math.max(...counts.values());
  return [...counts.keys()].filter((value) => counts.get(value) === most);
}

// What a function returns; quotes that do not fit are refused.
function quotesChecked(source, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QuotesError)) throw error;
    throw brokenTable(source, error);
  }
}

function brokenTable(source, error) {
  return refusalOf("broken-quotes", { source, why: error.message });
}

// How many rows are above the header of a table that is drawn with a line below its header; null if it is not.
function aboveALine(head) {
  const rows = head.slice(0, 2 * MOST_TITLES).map(([, row]) => row).filter((row) => row === LINE_ROW || isFilled(row));
  const [first, second] = rows.flatMap((row, place) => (row === LINE_ROW ? [place] : []));
  if (second !== undefined && second === first + 2) return first;
  return first && rows.length > first + 1 ? first - 1 : null;
}

const isTableByName = (source) => /\.(csv|tsv|tab)$/.test(source.toLowerCase());

const isHeader = (row) => row.some((each) => KNOWN_HEADERS.has(each.replace(/^#/, "").trim().toLowerCase()));

// How many rows have one field, above a row that names the columns; 1 for Excel's `sep=;`.
function titlesAbove(rows) {
  if (rows.length && rows[0][0].toLowerCase() === "sep=" && !isFilled(rows[0].slice(1))) return 1;
  const fields = (row) => row.filter(Boolean).length;
  let count = 0;
  while (count < Math.min(MOST_TITLES, rows.length - 1) && fields(rows[count]) === 1) count++;
  return count && fields(rows[count]) > 1 && hasHeader(rows.slice(count)) ? count : 0;
}

function whatHolds(fields) {
  if (!fields.length) return "nothing";
  if (20 * fields.filter(isNumber).length >= 19 * fields.length) return "numbers";
  return fields.length >= 4 && 2 * new Set(fields).size <= fields.length ? "labels" : "names";
}

// Whether the first row names the columns: a known header, or words above numbers or above labels.
function hasHeader([first, ...below]) {
  if (!first.every(Boolean) || first.some(isNumber) || new Set(first).size < first.length) return isHeader(first);
  return isHeader(first) || first.some((name, place) => {
    const fields = below.map((row) => row[place]).filter(Boolean), holds = whatHolds(fields);
    return holds === "numbers" || (holds === "labels" && !fields.includes(name));
  });
}

const shownColumn = (name) => onOneLine(name, IN_A_MESSAGE);

// The columns to read, and what there is to say about it.
function chosenColumns(table, reading) {
  const { columns, source } = table;
  const labels = reading.label_column.map((name) => columnAsked(table, name));
  const weightAsked = reading.weight_column === null ? null : columnAsked(table, reading.weight_column);
  const name = reading.column === null ? null : columnAsked(table, reading.column);
  let twice = labels.find((place, at) => labels.indexOf(place) !== at);
  if (name !== null && [...labels, weightAsked].includes(name)) twice = name;
  if (twice !== undefined) throw refusalOf("column-twice", { column: shownColumn(columns[twice].name), source });
  if (name !== null) return [{ name, labels, weight: weightAsked }, [takenFor(table)]];
  const left = columns.map((_, place) => place).filter((place) => ![...labels, weightAsked].includes(place));
  const place = namesColumn(table, left);
  let said = takenFor(table) + textOf("learning-column", { column: shownColumn(columns[place].name) }), doubt = "";
  let weight = weightAsked, chosen = labels;
  if (weight === null && !labels.length) {
    [weight, doubt] = countsColumn(table, place);
    if (weight === null && place === 0 && labelsBeside(table, reading)) {
      chosen = [1];
      said += textOf("with-labels", { column: shownColumn(columns[1].name) });
    }
  }
  if (weight !== null && reading.weight_column === null) {
    said += textOf("with-counts", { column: shownColumn(columns[weight].name) });
  } else if (left.length > 1 && (!chosen.length || reading.label_column.length)) {
    const beside = chosen.length ? undefined : left.find((each) => each !== place && columns[each].holds === "labels");
    const column = beside === undefined ? "" : shownColumn(columns[beside].name);
    said += textOf(column ? "labels-to-choose" : "column-to-choose", { column });
  } else if (columns.length === 1 && !table.header && isTableByName(source)) {
    said += textOf("no-header", { line: inQuotes(columns[0].examples[0] ?? "") });
  }
  return [{ name: place, labels: chosen, weight }, [said + doubt]];
}

// The column of the names, among those that have no other role.
function namesColumn(table, left) {
  const { columns } = table;
  if (columns.length === 1 && left.length && ["names", "labels"].includes(columns[0].holds)) return 0;
  for (const word of table.header ? NAME_COLUMNS : []) {
    const called = (fits) => left.filter((place) => fits(columns[place].name.toLowerCase()));
    let found = called((name) => name === word);
    if (!found.length) found = called((name) => name.endsWith(`.${word}`));
    if (found.length === 1) return found[0];
    if (found.length) throw unclearTable(table);
  }
  let names = left.filter((place) => columns[place].holds === "names");
  if (!names.length) names = left.filter((place) => columns[place].holds === "labels");
  if (names.length !== 1) throw unclearTable(table);
  return names[0];
}

// Whether a table under a header is otherwise lines of a name, a TAB and a label.
function labelsBeside(table, reading) {
  const two = table.header && table.delimiter === "\t" && table.columns.length === 2 && reading.labels !== false;
  return two && (reading.labels === "any" || table.columns[1].holds === "labels");
}

const filledRows = (table) => table.rows.first(ROWS_LOOKED_AT).map(([, row]) => row).filter(isFilled);

// The column of counts, and what there is to say of one that has none: one whose header says so, or the other column of
// a table of names and numbers without a header.
function countsColumn(table, name) {
  const { columns } = table, places = columns.map((_, place) => place).filter((place) => place !== name);
  if (table.header) {
    const place = places.find((each) => COUNT_COLUMNS.includes(columns[each].name.toLowerCase()));
    if (place === undefined) return [null, ""];
    const fields = filledRows(table).map((row) => row[place]).filter(Boolean);
    const other = fields.filter((each) => wholeNumber(each) === null);
    if (20 * other.length <= fields.length) return [place, ""];
    const such = onOneLine(other[0], IN_A_MESSAGE);
    return [null, textOf("counts-left-out", { column: shownColumn(columns[place].name), such, digits: COUNT_DIGITS })];
  }
  const [place] = places, spaced = ["\t", ALIGNED, " "].includes(table.delimiter);
  if (places.length !== 1 || !spaced || columns[place].holds !== "numbers") return [null, ""];
  const numbers = filledRows(table).filter((row) => row.length > place).map((row) => row[place]);
  const values = numbers.map(wholeNumber);
  if (new Set(values).size > 1 && values.every((value) => value !== null && value >= 1500 && value < 2100)) {
    const such = onOneLine(numbers[0], IN_A_MESSAGE);
    const [column, weight] = [named("column", name + 1), named("weight_column", place + 1)];
    throw withColumns(refusalOf("perhaps-years", { source: table.source, such, column, weight }), columns);
  }
  return [countsLines(numbers) || !values.every(Boolean) ? null : place, ""];
}

// The place of one of some names: as it is written, in any case if no other is alike, or by its number, from 1.
function placeOf(asked, names) {
  if (names.indexOf(asked) >= 0 && names.indexOf(asked) === names.lastIndexOf(asked)) return names.indexOf(asked);
  const alike = names.flatMap((name, place) => (name.toLowerCase() === asked.toLowerCase() ? [place] : []));
  if (alike.length === 1) return alike[0];
  const number = wholeNumber(asked);
  return !names.includes(asked) && number !== null && number >= 1 && number <= names.length ? number - 1 : null;
}

// The place of the column that is asked for.
function columnAsked(table, asked) {
  const names = table.columns.map((column) => column.name), place = placeOf(asked, names);
  if (place !== null) return place;
  const several = names.filter((name) => name === asked).length;
  const key = `${several ? "several-columns" : "no-column"}-${table.header ? "of-header" : "without-header"}`;
  throw refusalOf(key, {
    source: table.source, count: String(several), asked: inQuotes(onOneLine(asked)), columns: onOneLine(names.join(", ")),
  });
}

function withColumns(refusal, columns) {
  refusal.columns = columns;
  return refusal;
}

// The refusal where several columns may hold the names, or none.
function unclearTable(table) {
  const shown = table.columns.map(({ name, examples }) => {
    return shownColumn(name) + (examples.length ? ` (${onOneLine(examples[0], IN_A_MESSAGE)})` : "");
  });
  const lines = table.delimiter ? say("or-whole-lines") : "";
  return refusalOf("unclear-table", { source: table.source, columns: fewOf(shown, 8, 300), lines });
}

// What a table was taken for.
function takenFor(table) {
  const columns = table.columns.map(({ name, holds }) => name + (table.header ? "" : ` (${textOf(`holds-${holds}`)})`));
  return `${table.source}: ${textOf("table-of", { columns: fewOf(columns, 8, IN_A_MESSAGE) })}`;
}

// The names of a table. Refuses, with its line, a row that lacks a field or has a bad weight.
function readTable(table, choice, skipBadLines) {
  const { columns, source } = table, { name: place, labels, weight } = choice;
  const read = listOf([], { labels: labels.length ? [] : null, weights: weight === null ? null : [], columns, choice });
  let leftOut = 0;
  quotesChecked(source, () => {
    for (const [number, row] of table.rows) {
      if (!isFilled(row)) {
        read.blank += row !== LINE_ROW && row !== COMMENT_ROW;
        continue;
      }
      let problem = [place, ...labels].map((each) => problemOfField(table, row, each)).find(Boolean);
      const count = weight === null ? 1 : wholeNumber(row[weight] ?? "");
      if (!problem && !count) {
        const what = onOneLine(row[weight] ?? "", IN_A_MESSAGE) || textOf("holds-nothing");
        problem = textOf("bad-count", { column: shownColumn(columns[weight].name), what, most: LARGEST_COUNT });
      }
      if (problem) {
        if (!skipBadLines) {
          throw refusalOf("bad-row", { source, line: number, problem });
        }
        leftOut++;
        continue;
      }
      read.names.push(row[place]);
      if (read.labels) read.labels.push(labels.map((each) => row[each]).join("/"));
      if (read.weights) read.weights.push(count);
    }
  });
  if (leftOut) read.notes.push(textOf("rows-left-out", { n: leftOut }));
  return read;
}

// What is wrong with the field of a name or label in a row, if anything.
function problemOfField(table, row, place) {
  const { columns, delimiter } = table, width = columns.length;
  if (row.length > width && delimiter && isFilled(row.slice(width))) {
    return textOf("too-many-fields", { fields: String(row.length), n: width, signs: say(DELIMITER_WORDS[delimiter] ?? "signs") });
  }
  const value = row[place] ?? "";
  if (value && !value.includes("\n")) return null;
  return textOf(value ? "break-in-field" : "empty-field", { column: shownColumn(columns[place].name) });
}

// The names of a table: of the columns that are asked for, or that a look at it finds.
function namesOfTable(found, reading) {
  if (!found.rows) return found;
  let names;
  try {
    const [choice, notes] = chosenColumns(found, reading);
    names = readTable(found, choice, reading.skip_bad_lines);
    names.notes = [...notes, ...[...found.notes, ...names.notes].map((note) => `${found.source}: ${note}`)];
  } catch (error) {
    throw error instanceof ReadingRefusal ? withColumns(error, found.columns) : error;
  }
  if (found.delimiter) names.blank = Math.max(names.blank - 1, 0); // after the last line feed there is no line
  return names;
}
