// What sentences about lists are made of: counts, quotes, a few names. core/errors.py, core/briefly.py, core/units.py.

const NOT_PRINTABLE = /[\p{C}\p{Z}]/u, HALF_OF_A_PAIR = /[\ud800-\udfff]/u;

// The length of a text in Unicode's characters, as Python counts them.
function lengthOf(text) {
  let pairs = 0;
  for (let place = 0; place < text.length; place++) pairs += text.charCodeAt(place) >> 10 === 0x36;
  return text.length - pairs;
}

// The first characters of a text.
const beginningOf = (text, most) => (text.length <= most ? text : Array.from(text.slice(0, 2 * most)).slice(0, most).join(""));

function escapedCharacter(character) {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  if (short) return short;
  const code = character.codePointAt(0), [sign, digits] = code < 256 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${sign}${code.toString(16).padStart(digits, "0")}`;
}

const isPrintable = (character) => character === " " || !NOT_PRINTABLE.test(character);

// Text of a file on one line without control characters, cut after `most` characters.
function onOneLine(text, most = 300) {
  const characters = Array.from(beginningOf(text, most + 1));
  const shown = characters.map((each) => (isPrintable(each) ? each : escapedCharacter(each))).join("");
  return lengthOf(shown) <= most ? shown : `${beginningOf(shown, most)}…`;
}

// A text in quotes, as Python writes it.
function inQuotes(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = Array.from(text, (each) => {
    if (each === quote || each === "\\") return `\\${each}`;
    return isPrintable(each) ? each : escapedCharacter(each);
  });
  return quote + inside.join("") + quote;
}

// The first names, and … for the rest.
function fewOf(names, most = 6, length = 30) {
  const shown = names.slice(0, most).map((name) => onOneLine(name, length)).join(", ");
  return shown + (names.length > most ? ", …" : "");
}

// Words between white space.
const wordsOf = (text) => text.match(/\S+/gu) ?? [];

// How often a part stands in a text.
const timesIn = (text, part) => text.split(part).length - 1;

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

// How often each value occurs, the most frequent first.
function tallyOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

// Why a list is not read.
class ReadingRefusal extends Refusal {
  constructor(key, places) {
    super(key, places);
    Object.assign(this, { status: 422, columns: [] });
  }

  // As HTTP answers it.
  get problem() {
    const { status, message, parts } = this;
    return { title: status === 400 ? "Bad Request" : "Unprocessable Entity", status, detail: message, parts };
  }
}

const refusalOf = (key, places) => new ReadingRefusal(key, places);
