// The delimiter of a table, from its first lines: data/delimiters.py.

// What has commas in it that part nothing, as in 3,5 or 2,4-xylenol or N,N-dimethylaniline.
const WITH_COMMAS = /(?<![\p{L}\p{N}_])(?:\p{Nd}+(?:,\p{Nd}+)+|[A-Z](?:,[A-Z])+(?=-))/gu;

// The delimiter that the first line has most often, for a table that is asked for.
function mostFrequentDelimiter(lines) {
  const first = lines.find((line) => line.trim() && !COMMENT_WITH_SPACE.test(line.trim())) ?? "";
  const best = BETWEEN_FIELDS.reduce((a, b) => (timesIn(first, b) > timesIn(first, a) ? b : a));
  if (first.includes(best)) return best;
  return /\S\s{2,}\S/.test(first) ? ALIGNED : " ";
}

// The delimiter of lines that look like a table, or null if they do not. A .csv of one column has commas.
function delimiterOf(lines, source) {
  const asked = isTableByName(source);
  const bare = lines.filter((line) => !COMMENT_WITH_SPACE.test(line) && !DRAWN_LINE.test(line));
  if (!asked && bare.length < 2) return null;
  let unfit = null;
  const joined = bare.join("\n"), drawn = lines.flatMap((line, place) => (DRAWN_LINE.test(line) ? [place] : []));
  for (const delimiter of [...BETWEEN_FIELDS, ALIGNED, ...UNUSUAL_DELIMITERS]) {
    if (2 * bare.filter((line) => line.includes(delimiter)).length < bare.length) continue;
    if (delimiter === "," && !joined.replace(WITH_COMMAS, "").includes(",")) continue;
    const { rows, error } = rowsUpToError(lines, delimiter);
    if (!error && fitsTable(rows, delimiter, asked)) return delimiter;
    if (error && !unfit && fitsTable(bare.map((line) => line.split(delimiter)), delimiter, asked)) unfit = error;
  }
  if (unfit) throw brokenTable(source, unfit);
  const underlined = drawn.length === 1 && drawn[0] === 1 && bare.length > 2 && kindOfText(joined) === "names";
  if ((underlined || (drawn.length && lines[0].includes("|"))) && fitsTable(rowsUpToError(lines, "|").rows, "|", asked)) {
    return "|";
  }
  const quoted = joined.includes(",") && bare.every((line) => lengthOf(line) > 2 && line[0] === '"' && line.at(-1) === '"');
  if (asked || (quoted && kindOfText(bare.map((line) => line.slice(1, -1)).join("\n")) === "names")) {
    const delimiter = /\.(tsv|tab)$/.test(source.toLowerCase()) ? "\t" : ",";
    const rows = rowsUpToError(lines, delimiter).rows.filter(isFilled);
    const widths = (asked ? withoutEmptyColumns(rows) : rows).map((row) => row.length);
    if (widths.length && (mostFrequent(widths)[0] === 1 || !HAS_LETTER.test(joined))) return delimiter;
  }
  return null;
}

// The rows of lines, up to an error among the first. A later one matters only when the table is read.
function rowsUpToError(lines, delimiter) {
  const rows = [];
  try {
    for (const [, row] of tableRows(lines, delimiter)) rows.push(row);
  } catch (error) {
    if (!(error instanceof QuotesError)) throw error;
    return { rows, error: rows.length < ROWS_LOOKED_AT ? error : null };
  }
  return { rows, error: null };
}

// The rows without columns at the end that are empty, as a delimiter at the end of each line makes them.
function withoutEmptyColumns(rows) {
  while (rows.length && rows.every((row) => row.length > 1 && !row.at(-1))) rows = rows.map((row) => row.slice(0, -1));
  return rows;
}

// Whether rows are those of a table: as many fields in most, and no sentences.
function fitsTable(rows, delimiter, asked) {
  const drawn = ["|", ALIGNED].includes(delimiter) && rows.slice(1, 3).includes(LINE_ROW);
  const filled = withoutEmptyColumns(rows.filter(isFilled)), above = titlesAbove(filled);
  const widths = filled.slice(above).map((row) => row.length);
  if (!widths.length) return false;
  const [width] = mostFrequent(widths), most = widths.filter((each) => each === width).length;
  const known = isHeader(filled[above]);
  if (UNUSUAL_DELIMITERS.includes(delimiter)) {
    const alike = most === filled.length && most >= 3 && (delimiter !== ":" || width > 3);
    if (!alike || (delimiter === "=" && !filled.every((row) => row.every(Boolean)))) return false;
  }
  if (width < (drawn && delimiter === "|" ? 1 : 2) || most < (asked || known ? 0.5 : 0.95) * widths.length) return false;
  const table = tableOf("", rows.map((row, place) => [place, row]), null, delimiter);
  const wordy = table.columns.some(({ holds }) => holds === "names" || holds === "labels");
  if (asked || table.header || delimiter === "\t" || table.columns.some(({ holds }) => holds === "numbers")) return wordy;
  const fields = filled.flat().filter(Boolean);
  const wordCount = fields.reduce((sum, field) => sum + wordsOf(field).length, 0);
  const long = wordCount / fields.length > (delimiter === ALIGNED ? 2 : 3);
  const sentences = filled.filter((row) => /[.!?:;"”,]$/.test(row.at(-1))).length;
  const alike = delimiter !== ALIGNED || most === filled.length;
  return alike && !long && 4 * sentences <= filled.length && filled.length >= 3;
}
