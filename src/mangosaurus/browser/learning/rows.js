// The lines of a table become fields; quotes, drawn lines and comments: data/rows.py, and Python's module csv.

const ALIGNED = "  ", BETWEEN_FIELDS = ["\t", ",", ";", "|"], UNUSUAL_DELIMITERS = ["=", "^", "~", ":"];
const DELIMITER_WORDS = { "\t": "TABs", ",": "commas", ";": "semicolons", "|": "bars", [ALIGNED]: "spaces" };
const COMMENT_WITH_SPACE = /^(?:#+(\s|$|!)|\/\/)/, DRAWN_LINE = /^[-=+|:\s]*[-=]{2}[-=+|:\s]*$/, ROWS_FOOTER = /^\(\p{Nd}+ [\p{L}\p{N}_]+\)$/u;
// A name and a number before or after it.
const COUNTED_NAME =
  /^\s*(?:(\p{Nd}[\p{Nd}.,]*)\s+(\S.*)|(\S.*?)(?:(?<!\p{Nd}) ?[:=~^] ?|\s+[-–—(]\s*|\s+[x×]\s?|\s+)(\p{Nd}[\p{Nd}.,]*)\)?)\s*$/u;
const MOST_IN_A_FIELD = 131_072;
// Stand for a line that is drawn, or a footer, and for a comment; the same objects each time.
const LINE_ROW = [], COMMENT_ROW = [];

// Quotes that do not fit.
class QuotesError extends Error {}

// Rows as Python's csv.reader with strict=True finds them, each with the number of its last line. `begun` changes the
// first line of a row.
function* csvRows(lines, delimiter, skipSpace, quoted, begun = (line) => line) {
  let number = 0, fields = [], field = "", inside = false;
  const save = () => {
    if (field.length > MOST_IN_A_FIELD) throw new QuotesError(textOf("field-too-large", { most: String(MOST_IN_A_FIELD) }));
    fields.push(field);
    field = "";
  };
  for (const each of lines) {
    number++;
    const line = inside ? each : begun(each);
    let place = 0, ended = !inside && line === "";
    while (!ended) {
      if (inside) {
        const end = line.indexOf('"', place);
        field += end < 0 ? `${line.slice(place)}\n` : line.slice(place, end);
        if (end < 0) break;
        place = end + 1;
        inside = line[place] === '"';
        if (inside) field += '"';
        else if (place < line.length && line[place] !== delimiter) {
          throw new QuotesError(textOf("after-quote", { line: number, delimiter }));
        } else {
          save();
          ended = place >= line.length;
        }
        place++;
        continue;
      }
      while (skipSpace && line[place] === " ") place++;
      inside = quoted && line[place] === '"';
      if (inside) {
        place++;
        continue;
      }
      const end = line.indexOf(delimiter, place);
      field = end < 0 ? line.slice(place) : line.slice(place, end);
      save();
      place = end + 1;
      ended = end < 0;
    }
    if (inside) continue;
    yield [number, fields];
    fields = [];
  }
  if (inside) throw new QuotesError(textOf("no-closing-quote", { line: number }));
}

// The rows of lines, each with the number of its last line; LINE_ROW or COMMENT_ROW in place of what is none.
function* tableRows(lines, delimiter) {
  if (delimiter === ALIGNED || delimiter === " ") {
    let number = 0;
    for (const each of lines) {
      const line = each.trim();
      number++;
      if (delimiter === " ") yield [number, nameAndNumber(line)];
      else if (COMMENT_WITH_SPACE.test(line)) yield [number, COMMENT_ROW];
      else if (DRAWN_LINE.test(line)) yield [number, LINE_ROW];
      else yield [number, line.split(/\s{2,}|\t/)];
    }
    return;
  }
  const bars = delimiter === "|", quoted = !UNUSUAL_DELIMITERS.includes(delimiter);
  const begun = (line) => (/^[#/ \t]/.test(line) && COMMENT_WITH_SPACE.test(line.trimStart()) ? "#" : line);
  if (bars) lines = lines.map((line) => line.replaceAll("\\|", "\0")); // of Markdown; no text has a NUL
  for (const [number, row] of csvRows(lines, delimiter, delimiter !== "\t", quoted, begun)) {
    const fields = row.map((field) => field.trim());
    if (fields.length === 1 && fields[0] === "#") yield [number, COMMENT_ROW];
    else yield [number, bars ? betweenBars(fields) : fields];
  }
}

function betweenBars(fields) {
  if (DRAWN_LINE.test(fields.join("|")) || (fields.length === 1 && ROWS_FOOTER.test(fields[0]))) return LINE_ROW;
  const whole = fields.map((field) => field.replaceAll("\0", "|"));
  return whole.length > 1 && !whole[0] && !whole.at(-1) ? whole.slice(1, -1) : whole;
}

// A name and the number before or after it.
function nameAndNumber(line) {
  const found = COUNTED_NAME.exec(line);
  return found ? found.slice(1).filter((each) => each !== undefined) : [line];
}
