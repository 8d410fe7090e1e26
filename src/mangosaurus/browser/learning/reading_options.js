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
    if (!(name in READING)) throw refusalOf`${optionOf(name)} is no option of reading a list here: leave it out`;
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
    throw refusalOf`${optionOf("format")} is ${inQuotes(String(format))}; it must be one of ${READ_FORMATS.join(", ")}`;
  }
  if (typeof lowercase !== "boolean" && !LANGUAGES.includes(lowercase)) {
    throw refusalOf`${optionOf("lowercase")} is ${inQuotes(String(lowercase))}; it must be true, false, tr, az or lt`;
  }
  if (![true, false, null, "any"].includes(labels)) {
    throw refusalOf`${optionOf("labels")} is ${inQuotes(String(labels))}; it must be true, false or any`;
  }
  if (typeof reading.skip_bad_lines !== "boolean") throw refusalOf`${optionOf("skip_bad_lines")} must be true or false`;
  for (const name of ["column", "label_column", "weight_column", "sheet", "records", "encoding"]) {
    const values = name === "label_column" ? reading[name] : [reading[name] ?? ""];
    if (values.some((value) => typeof value !== "string")) throw refusalOf`${optionOf(name)} must be text`;
  }
}

function checkContradictions(reading) {
  const asked = askedColumn(reading);
  if (reading.label_column.length && reading.labels === false) {
    const given = inQuotes(reading.label_column.join(", "));
    throw refusalOf`${optionOf("label_column")} is ${given}, and ${optionOf("labels", false)}: leave one of them out`;
  }
  if (reading.format === "text" && (reading.labels === true || reading.label_column.length)) {
    throw refusalOf`labels belong to names, one a line, and ${optionOf("format")} is 'text'`;
  }
  if (reading.format === "text" && asked) {
    const format = optionOf("format");
    throw refusalOf`${optionOf(asked)} is of tables of names, and ${format} is 'text': leave one of them out`;
  }
  if (reading.records !== null && (asked || reading.labels)) {
    const [records, other] = [optionOf("records"), optionOf(asked ?? "labels")];
    throw refusalOf`${records} is ${inQuotes(reading.records)}, and ${other}: leave one of them out`;
  }
  if (reading.records === "") {
    throw refusalOf`${optionOf("records")} is empty; give the token between them, or 'blank' for blank lines`;
  }
}

// The first option that asks for a column.
function askedColumn(reading) {
  return ["column", "label_column", "weight_column"].find((name) => reading[name]?.length);
}
