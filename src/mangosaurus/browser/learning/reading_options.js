// How a list is read, as options that are obeyed or refused: data/reading.py.

const READ_FORMATS = ["names", "text", "auto"], LANGUAGES = ["tr", "az", "lt"], BLANK_LINES = "blank";
const READING = {
  format: "auto", lowercase: false, labels: null, column: null, label_column: [], weight_column: null, sheet: null,
  records: null, encoding: null, skip_bad_lines: false,
};

// All options of reading, from those that are given. Refuses unknown and contradicting ones.
function readingOf(given = {}) {
  const reading = { ...READING };
  for (const [name, value] of Object.entries(given)) {
    if (!(name in READING)) throw refusalOf("no-option-of-reading", { option: named(name) });
    if (value !== null && value !== undefined) reading[name] = value;
  }
  if (!Array.isArray(reading.label_column)) reading.label_column = [reading.label_column];
  for (const name of ["column", "weight_column", "sheet"]) {
    if (typeof reading[name] === "number") reading[name] = String(reading[name]);
  }
  checkTypes(reading);
  checkContradictions(reading);
  if (reading.encoding !== null) reading.encoding = encodingNamed(reading.encoding);
  return reading;
}

function checkTypes(reading) {
  const { format, lowercase, labels } = reading;
  if (!READ_FORMATS.includes(format)) {
    throw refusalOf("no-such-format", { value: inQuotes(String(format)), formats: READ_FORMATS.join(", ") });
  }
  if (typeof lowercase !== "boolean" && !LANGUAGES.includes(lowercase)) {
    throw refusalOf("no-such-lowercase", { value: inQuotes(String(lowercase)) });
  }
  if (![true, false, null, "any"].includes(labels)) {
    throw refusalOf("no-such-labels", { value: inQuotes(String(labels)) });
  }
  if (typeof reading.skip_bad_lines !== "boolean") throw refusalOf("skip-is-true-or-false");
  for (const name of ["column", "label_column", "weight_column", "sheet", "records", "encoding"]) {
    const values = name === "label_column" ? reading[name] : [reading[name] ?? ""];
    if (values.some((value) => typeof value !== "string")) throw refusalOf("must-be-text", { option: named(name) });
  }
}

function checkContradictions(reading) {
  const asked = askedColumn(reading);
  if (reading.label_column.length && reading.labels === false) {
    throw refusalOf("label-column-or-none", { value: inQuotes(reading.label_column.join(", ")) });
  }
  if (reading.format === "text" && (reading.labels === true || reading.label_column.length)) {
    throw refusalOf("labels-of-text");
  }
  if (reading.format === "text" && asked) {
    throw refusalOf("table-of-text", { option: named(asked) });
  }
  if (reading.records !== null && (asked || reading.labels)) {
    throw refusalOf("records-or-other", { value: inQuotes(reading.records), other: named(asked ?? "labels") });
  }
  if (reading.records === "") {
    throw refusalOf("records-empty");
  }
}

// The first option that asks for a column.
function askedColumn(reading) {
  return ["column", "label_column", "weight_column"].find((name) => reading[name]?.length);
}
