// Lists whose lines have marks: comments, bullets, numbers, quotes, commas at the end: data/marked_lines.py.

const COMMENT_MARKS = ["#", "//"], RARE_COMMENT_MARKS = [";", "--", "%", "/*"]; // rare ones with a space after them
const BULLET = /^([^\p{L}\p{N}_\s]{1,4})(\s+|(?=[\p{L}\p{N}_]))(?:\[[ xX]\]\s+)?(?=\S)/u;
const STICKING_BULLET = /^(?:[-*+]|o )/, PLAIN_BULLETS = new Set("-*+•‣⁃◦▪●○·–—");
const NO_BULLETS = new Set("\"#%&',./:;?!@\\|¡¿‘’“”…"), KINDS_OF_BULLETS = 3;
// What may number a line: digits of any script, a Roman numeral, a letter, or one sign such as ①.
const LINE_NUMBER =
  /^(?:[([#№]|N[or]\.\s?)?(?<number>\p{Nd}{1,6}|[①-⓿❶-➓㈠-㉃㊀-㊿Ⅰ-ↈ]|[\p{L}\p{Nl}\p{No}]{1,7})(?<end>\ufe0f?\u20e3\s*|\s?[.)\]:．）：、](?!\p{Nd})\s*|\s+-\s+|\s+|)(?=\S)/u;
const ROMAN_DIGITS = { i: 1, v: 5, x: 10, l: 50, c: 100, d: 500, m: 1000 }, FIRST_LETTERS = ["a", "а", "α"];
// Signs that are numbers: those that begin a row of them, with the value of the first and how many there are.
const SIGNS_OF_NUMBERS = [
  ["①", 1, 20], ["⑴", 1, 20], ["⒈", 1, 20], ["⓪", 0, 1], ["⓫", 11, 10], ["⓵", 1, 10], ["⓿", 0, 1], ["❶", 1, 10],
  ["➀", 1, 10], ["➊", 1, 10], ["㈠", 1, 10], ["㊀", 1, 10], ["㊱", 36, 15], ["Ⅰ", 1, 12], ["ⅰ", 1, 12],
];
const CHINESE_DIGITS = "〇一二三四五六七八九十";
const CLOSING_QUOTES = {
  '"': '"', "'": "'", "`": "`", "“": "”", "„": "“”", "”": "”", "‘": "’", "‚": "‘", "«": "»", "»": "«", "‹": "›",
  "「": "」", "『": "』", "《": "》", "〈": "〉", "＂": "＂",
};
const SIDE_BY_SIDE = /"\s*[^\p{L}\p{N}_"\s]\s*"/u;
// A name in bold or italic type, as Markdown marks it, and what is said of it.
const EMPHASIS = /^(\*\*\*|\*\*|\*|__|_)(?<name>[^*_]*[^*_\s:])(?:\1\s*(?<rest>(?:[:(–—-].*)?)|:\1\s*(?<said>.*))$/u;
const LINE_ENDS = { ",": "commas", ";": "semicolons", "、": "commas", "，": "commas", "،": "commas", "；": "semicolons" };
const BRACKETED_HEADING = /^\[[^[\]]+\]$/, DRAWN_HEADING = /^([=*~#-]{2,})\s*[\p{L}\p{N}].*?\s*\1$/u;
const SEPARATOR_LINE = /^[^\p{L}\p{N}_\s]{3,}(?:\s+[^\p{L}\p{N}_\s]+)*$/u, ONLY_SIGNS = /^[\p{P}\p{Sm}\p{Sk}\p{Zs}]*$/u;
const NOT_SIGNS = /[\p{Pi}\p{Pf}]/u;
const FOOTNOTES = /(?<=[\p{L}\p{N}])(?:\[(?:\p{Nd}{1,3}|[a-z]|(?:note|nb|n) \p{Nd}{1,3})\])+$/u;
const LINES_SHOWN = 3;

// Stripped lines, with nothing in place of comments; notes, and how many lines were comments.
function withoutComments(given) {
  const notes = [], first = given.find(Boolean) ?? "";
  let lines = given, total = 0;
  for (const mark of [...COMMENT_MARKS, ...RARE_COMMENT_MARKS.filter((each) => first.startsWith(`${each} `))]) {
    const rare = RARE_COMMENT_MARKS.includes(mark), filled = lines.filter(Boolean).length;
    const begins = rare ? `${mark} ` : mark;
    let marked = lines.map((line) => line.startsWith(begins) && (mark !== "/*" || line.endsWith("*/")));
    const count = () => marked.filter(Boolean).length;
    if (rare && 2 * count() >= filled) continue;
    if (!count() || count() === filled) continue;
    const hashtags = lines.map((line, place) => mark === "#" && marked[place] && !COMMENT_WITH_SPACE.test(line));
    if (2 * hashtags.filter(Boolean).length > filled) marked = marked.map((each, place) => each && !hashtags[place]);
    if (!count()) continue;
    const tail = new RegExp(`\\s+${literally(mark)}(\\s.*)?$`, "u");
    const cut = lines.map((line, place) => (marked[place] ? "" : line.replace(tail, "")));
    const atEnds = lines.filter((line, place) => line !== cut[place]).length - count();
    const note = textOf("comment-lines", { n: count(), mark });
    notes.push(note + (atEnds ? textOf("comments-after", { n: atEnds }) : ""));
    total += count();
    lines = cut;
  }
  return [lines, notes, total];
}

// What a key says of some lines, of which the first are shown.
function ofLines(key, lines) {
  const shown = lines.slice(0, LINES_SHOWN).map((line) => inQuotes(onOneLine(line, 30))).join(", ");
  const some = `${textOf("n-lines", { n: lines.length })} (${shown}${lines.length > LINES_SHOWN ? ", …" : ""})`;
  return textOf(key, { n: lines.length, lines: some });
}

// The names of stripped lines that have bullets, numbers, quotes or commas; and notes of what was taken off. Where most
// lines have a bullet or number, other lines are headings, and left out.
function withoutMarks(lines) {
  const notes = [];
  let names = lines.filter(Boolean);
  const drawn = names.filter(isSeparatorLine);
  if (drawn.length && 2 * drawn.length < names.length) {
    names = names.filter((name) => !isSeparatorLine(name));
    notes.push(ofLines("lines-without-letters", drawn));
  }
  for (const [what, endsOf] of [["bullet", endsOfBullets], ["number", endsOfNumbers]]) {
    const ends = endsOf(names);
    if (!ends) continue;
    const others = names.filter((_, place) => ends[place] === null);
    names = names.flatMap((name, place) => (ends[place] === null ? [] : [name.slice(ends[place])]));
    notes.push(textOf(`list-by-${what}`));
    if (others.length) notes.push(ofLines(`without-${what}`, others));
  }
  const isHeading = (name) => BRACKETED_HEADING.test(name) || (name[0] === "[" && name.endsWith(":")) || DRAWN_HEADING.test(name);
  const headings = names.filter(isHeading);
  if (headings.length && 3 * headings.length < names.length) {
    names = names.filter((name) => !isHeading(name));
    notes.push(ofLines("headings-left-out", headings));
  }
  const bare = names.map((name) => name.replace(FOOTNOTES, ""));
  const cited = names.filter((name, place) => name !== bare[place]).length;
  if (cited) {
    names = bare;
    notes.push(textOf("footnotes-left-out", { n: cited }));
  }
  for (const [sign, word] of Object.entries(LINE_ENDS)) {
    if (names.length > 2 && names.filter((name) => name.endsWith(sign)).length >= names.length - 1) {
      names = names.map((name) => (name.endsWith(sign) ? name.slice(0, -1) : name).trim());
      notes.push(textOf("ends-left-out", { signs: say(word) }));
    }
  }
  const marked = names.map((name) => EMPHASIS.exec(name)?.groups);
  if (names.length && marked.every(Boolean)) {
    const rest = marked.map((found) => found.rest || found.said).filter(Boolean);
    names = marked.map((found) => found.name);
    notes.push(textOf("emphasis-left-out"));
    if (rest.length) {
      notes.push(textOf("left-out-after", { such: `${inQuotes(onOneLine(rest[0], 30))}${rest.length > 1 ? ", …" : ""}` }));
    }
  }
  const inside = withoutQuotes(names);
  if (inside) {
    names = inside;
    notes.push(textOf("quotes-left-out"));
  }
  return [names.filter(Boolean), notes];
}

// Whether a line has only punctuation, and no letter, digit, emoji or the like.
const isSeparatorLine = (line) => SEPARATOR_LINE.test(line) && ONLY_SIGNS.test(line) && !NOT_SIGNS.test(line);

// The names without quotes, if all stand in quotes of the same kind; null if they do not.
function withoutQuotes(names) {
  const opening = names.length ? names[0][0] : "", closing = CLOSING_QUOTES[opening];
  const within = (name) => lengthOf(name) > 2 && name[0] === opening && closing.includes(name.at(-1));
  if (closing === undefined || !names.every(within)) return null;
  if (names.some((name) => SIDE_BY_SIDE.test(name.slice(1, -1)))) return null;
  const several = (name) => name.slice(1).includes(opening) || name.slice(0, -1).includes(name.at(-1)); // side by side
  if (!closing.includes(opening) && names.some(several)) return null;
  return names.map((name) => name.slice(1, -1).trim());
}

// Where the bullet of each line ends, null for a line without one; null if they have none.
function endsOfBullets(lines) {
  const sticking = lines.length > 2 ? STICKING_BULLET.exec(lines[0])?.[0] : undefined;
  if (sticking && lines.every((line) => line.startsWith(sticking) && /^\p{Uppercase}/u.test(line.slice(sticking.length)))) {
    return lines.map(() => sticking.length);
  }
  const signs = new Set();
  const ends = lines.map((line) => {
    const found = BULLET.exec(line), [sign, spaced] = found ? [found[1], found[2] !== ""] : ["", false];
    const good = /^[\p{P}\p{S}]/u.test(sign) && Array.from(sign).every((each) => mayBeBullet(each, spaced));
    if (good && !PLAIN_BULLETS.has(sign)) signs.add(sign);
    return good ? found[0].length : null;
  });
  const count = ends.filter((end) => end !== null).length;
  const alike = !signs.size || signs.size < Math.min(count, KINDS_OF_BULLETS + 1);
  return count > 1 && 2 * count >= lines.length && alike ? ends : null;
}

function mayBeBullet(character, spaced) {
  if (!spaced && (character <= "\x7f" || /[\p{Pd}\p{Sk}]/u.test(character))) return false;
  return /[\p{Pd}\p{Po}\p{So}\p{Sm}\p{Sk}\p{Mn}\p{Cf}]/u.test(character) && !NO_BULLETS.has(character);
}

// Where the number of each line ends, if they count the lines: 1, 2; ①, ②; i, ii; a, b.
function endsOfNumbers(lines) {
  const found = lines.map((line) => LINE_NUMBER.exec(line));
  if (2 * found.filter(Boolean).length < lines.length) return null;
  for (const valueOf of [valueOfFigure, valueOfRoman, placeOfLetter]) {
    const values = found.map((each) => (each ? valueOf(each.groups.number, each.groups.end) : null));
    const marked = found.filter((_, place) => values[place] !== null);
    if (marked.length < 2 || 2 * marked.length < lines.length) continue;
    const { number, end } = marked[0].groups, figures = valueOf === valueOfFigure;
    const bare = figures && !(end.trim() || !/^\p{Nd}+$/u.test(number));
    if (countUp(values.filter((value) => value !== null), bare, marked.length === lines.length, figures)) {
      return values.map((value, place) => (value === null ? null : found[place][0].length));
    }
  }
  return null;
}

// The value of a digit of any script: their rows begin with zero, and those for mathematics follow each other.
function valueOfDigit(digit) {
  const code = digit.codePointAt(0);
  if (code >= 0x1d7ce && code <= 0x1d7ff) return (code - 0x1d7ce) % 10;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return value;
}

// The value of digits, or of a sign such as ①.
function valueOfFigure(text, end) {
  if (/^\p{Nd}+$/u.test(text)) return end ? Array.from(text).reduce((sum, digit) => 10 * sum + valueOfDigit(digit), 0) : null;
  if (text.length > 1) return null;
  const code = text.codePointAt(0);
  const row = SIGNS_OF_NUMBERS.find(([first, , count]) => code >= first.charCodeAt(0) && code < first.charCodeAt(0) + count);
  if (row) return row[1] + code - row[0].charCodeAt(0);
  return CHINESE_DIGITS.includes(text) ? CHINESE_DIGITS.indexOf(text) : null;
}

// The value of a Roman numeral.
function valueOfRoman(text, end) {
  const small = text.toLowerCase();
  if (!end.trim() || (text !== small && text !== text.toUpperCase()) || !/^[ivxlcdm]+$/.test(small)) return null;
  const values = Array.from(small, (each) => ROMAN_DIGITS[each]);
  return values.reduce((sum, value, place) => sum + (value < (values[place + 1] ?? 0) ? -value : value), 0);
}

// The place of a letter in its alphabet.
function placeOfLetter(text, end) {
  const small = text.toLowerCase();
  if (!end.trim() || lengthOf(text) > 1) return null;
  const first = FIRST_LETTERS.map((each) => each.charCodeAt(0)).filter((code) => code <= small.codePointAt(0));
  return small.codePointAt(0) - Math.max(0, ...first) + 1;
}

// Whether the numbers count lines, perhaps from 1 anew after a heading. Bare numbers, letters and numerals must do so
// exactly. `1.` alone is a number only if all lines have it.
function countUp(values, bare, allMarked, figures) {
  const steps = values.slice(1).map((value, place) => value - values[place]);
  const all = (step) => steps.every((each) => each === step);
  if (values.length > 2 && (all(1) || (all(-1) && values.at(-1) === 1))) return bare || !figures ? values[0] <= 1 : true;
  if (bare) return false;
  const later = values.slice(1);
  if (!figures) return values.length > 2 && values[0] === 1 && later.every((value, place) => steps[place] === 1 || value === 1);
  const good = later.filter((value, place) => steps[place] === 0 || steps[place] === 1 || value === 1).length;
  return values[0] <= 1 && 10 * good >= 9 * steps.length && (allMarked || Math.max(...values) > 1);
}

// Stripped lines without an introduction, a closing sentence and headings; what was left out; whether all began so. An
// introduction is one of the first lines that ends in a colon, with what stands above it. A closing sentence is the last
// line, below an empty one or below an introduction.
function withoutFrame(lines) {
  const places = lines.flatMap((line, place) => (line ? [place] : [])), colon = (place) => /[:：]$/.test(lines[place]);
  const first = places.slice(0, 3).findIndex(colon), introduced = first >= 0, begin = first + 1;
  let end = places.length;
  const last = lines[places.at(-1)];
  if (end - begin > 1 && ".!?:)".includes(last.at(-1)) && wordsOf(last).length > 2) {
    end -= introduced || !lines[places.at(-1) - 1] ? 1 : 0;
  }
  let inner = places.slice(begin, end), leftOut = [...places.slice(0, begin), ...places.slice(end)];
  const headings = introduced ? inner.filter(colon) : [];
  if (3 * headings.length <= inner.length) {
    if (headings.length) inner = inner.filter((place) => !colon(place));
    leftOut = [...leftOut, ...headings].sort((a, b) => a - b);
  }
  return [inner.map((place) => lines[place]), leftOut.map((place) => lines[place]), introduced];
}
