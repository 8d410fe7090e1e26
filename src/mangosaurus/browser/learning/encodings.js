// Which encoding bytes have: UTF-8, what a byte order mark or NULs say, or cp1252 where nothing else is likely:
// data/encodings.py, without its detector. The page asks where that would be needed.

const BYTE_ORDER_MARKS = [
  [[0xef, 0xbb, 0xbf], "utf-8-sig"], [[0xff, 0xfe, 0, 0], "utf-32"], [[0, 0, 0xfe, 0xff], "utf-32"],
  [[0xff, 0xfe], "utf-16"], [[0xfe, 0xff], "utf-16"],
];
const BINARY_FILES = [
  ["%PDF", "a-pdf"], ["\x1f\x8b", "gzip"], ["BZh", "bzip2"],
  ["\xfd7zXZ", "xz"], ["\x28\xb5\x2f\xfd", "zstd"], ["7z\xbc\xaf", "a-7z"],
  ["Rar!", "a-rar"], ["\x89PNG", "a-png"], ["\xff\xd8\xff", "a-jpeg"], ["GIF8", "a-gif"],
  ["SQLite format 3", "a-sqlite"], ["PAR1", "a-parquet"], ["PK\x03\x04", "a-workbook"],
  ["\xd0\xcf\x11\xe0", "an-old-office"], ["{\\rtf", "an-rtf"],
];
const MAY_BE_UTF_7 = /\+[A-Za-z0-9+/]{3,}-?/, MAY_BE_HZ = /~\{(?:[!-}][!-~])+~\}/, WHOLE_CHARACTERS = 4, STRANGE_LOOKED_AT = 20_000;
const LATIN_ENCODINGS = ["cp1252", "cp1250", "mac-roman", "cp850"], OTHER_ENCODINGS = [
  "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp874", "cp866", "shift_jis", "euc_jp", "gb18030", "euc_kr", "big5",
];
const ENOUGH_LINES = 10, NORTHERN = [/^[\x00-\x7fäöüÄÖÜßéÉ]*$/, /^[\x00-\x7fåäöÅÄÖéÉüÜ]*$/, /^[\x00-\x7fæøåÆØÅéÉöÖäÄ]*$/];
const CAPITALIZED = [["cp1251", /^[А-ЯЁ][а-яё]+$/], ["koi8-r", /^[А-ЯЁ][а-яё]+$/]];
const SCRIPTS_TO_TELL = ["Latin", "Cyrillic", "Greek", "Hebrew", "Arabic", "Thai", "Hiragana", "Katakana", "Han", "Hangul"]
  .map((script) => new RegExp(`\\p{Script=${script}}`, "u"));

const beginsWith = (bytes, codes) => codes.every((code, place) => bytes[place] === code);
const codesOf = (text) => Array.from(text, (each) => each.charCodeAt(0));

// How many bytes are of a value, perhaps only every `step`th.
function countOfByte(bytes, value, first = 0, step = 1) {
  let count = 0;
  for (let place = first; place < bytes.length; place += step) count += bytes[place] === value;
  return count;
}

// The refusal of what is no text.
function noText(key, places) {
  const refusal = refusalOf(key, places);
  refusal.status = 400;
  return refusal;
}

// The encoding of bytes, and why, null for UTF-8. Refuses what is no text, and bytes whose encoding cannot be known.
function encodingOf(bytes, source, asked, skipBadLines) {
  const mark = BYTE_ORDER_MARKS.find(([codes]) => beginsWith(bytes, codes))?.[1];
  if (asked !== null) {
    if (mark && mark !== "utf-8-sig" && !/^utf-(16|32)/.test(asked)) {
      throw refusalOf("encoding-and-mark", { asked: inQuotes(asked), source, mark: mark.toUpperCase() });
    }
    return { name: asked, why: null };
  }
  if (mark) return { name: mark, why: mark === "utf-8-sig" ? null : textOf("as-mark-says", { name: mark.toUpperCase() }) };
  const utf8 = firstBadByte(bytes, "utf-8-sig") === null;
  for (const [begins, what] of BINARY_FILES) {
    if (!beginsWith(bytes, codesOf(begins)) || (begins.length <= 3 && utf8)) continue;
    throw noText(what === "a-workbook" ? "workbook-no-text" : "no-text", { source, what: say(what) });
  }
  const nuls = countOfByte(bytes, 0);
  if (nuls) {
    const wide = wideEncoding(bytes, utf8);
    if (wide) return { name: wide, why: textOf("as-nuls-say", { name: wide.toUpperCase() }) };
    if (nuls * 20 > bytes.length) throw noText("has-nuls", { source, n: nuls });
  }
  if (utf8) return escapedEncoding(bytes, source) ?? { name: "utf-8-sig", why: null };
  if (skipBadLines || isMostlyUtf8(bytes)) return { name: "utf-8-sig", why: null };
  return likelyEncoding(bytes, source);
}

// UTF-16 or UTF-32 without a byte order mark, if NULs stand where it has them.
function wideEncoding(bytes, utf8) {
  const at = [0, 1, 2, 3].map((place) => countOfByte(bytes, 0, place, 4)), quarter = Math.floor(bytes.length / 4);
  if (quarter && Math.min(at[2], at[3]) >= 0.9 * quarter && at[0] < 0.1 * quarter) return "utf-32-le";
  if (quarter && Math.min(at[0], at[1]) >= 0.9 * quarter && at[3] < 0.1 * quarter) return "utf-32-be";
  const first = at[0] + at[2], second = at[1] + at[3];
  if (Math.min(first, second) * 10 > Math.max(first, second)) return null;
  const name = second > first ? "utf-16-le" : "utf-16-be";
  const text = decodedBytes(bytes.subarray(0, 2 * Math.floor(bytes.length / 2)), name);
  const looked = Array.from(text.slice(0, 2 * STRANGE_LOOKED_AT)).slice(0, STRANGE_LOOKED_AT);
  const strange = looked.filter((each) => /[\p{Cn}\p{Co}\p{Cs}\ufffd]/u.test(each)).length;
  // A byte of a line feed is half of one in UTF-16, or UTF-8 with a few NULs.
  const breaks = timesIn(text, "\n") + timesIn(text, "\r"), bytesOfBreaks = countOfByte(bytes, 10) + countOfByte(bytes, 13);
  const whole = 5 * breaks >= 4 * bytesOfBreaks || !utf8;
  return whole && 50 * strange <= Math.min(lengthOf(text), STRANGE_LOOKED_AT) ? name : null;
}

// An encoding that writes all letters in ASCII, if these bytes are of one. Refuses those that this page does not know.
function escapedEncoding(bytes, source) {
  const suspect = [0x1b, 0x2b, 0x7e].some((sign) => bytes.includes(sign));
  if (!suspect) return null;
  const text = decodedBytes(bytes, "latin-1");
  if (/\x1b(\$[@B]|\([JI])/.test(text)) return { name: "iso2022_jp", why: textOf("as-escapes-say") };
  if (text.includes("\x1b$)C")) throw noText("iso-2022-kr", { source });
  if (bytes.some((byte) => byte > 127)) return null;
  if (isUtf7(text)) throw noText("utf-7", { source });
  if (MAY_BE_HZ.test(text)) throw noText("hz", { source });
  return null;
}

// Whether ASCII decodes as UTF-7 to letters: between + and - stands UTF-16 in base64.
function isUtf7(text) {
  if (!MAY_BE_UTF_7.test(text)) return false;
  let beyond = "";
  for (const [, inside] of text.matchAll(/\+([A-Za-z0-9+/]*)-?/g)) {
    if (!inside) continue;
    const bits = Math.floor(inside.length * 6 / 16) * 16;
    if (inside.length * 6 - bits >= 6) return false;
    let held = 0, count = 0, units = [];
    for (const each of inside) {
      held = (held << 6) | "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(each);
      count += 6;
      if (count >= 16) {
        count -= 16;
        units.push((held >> count) & 0xffff);
        held &= (1 << count) - 1;
      }
    }
    if (held) return false;
    const part = String.fromCharCode(...units);
    if (/[\ud800-\udfff]/u.test(part)) return false;
    beyond += part.replace(/[\x00-\x7f]/g, "");
  }
  return beyond !== "" && /^[\p{L}\p{M}]+$/u.test(beyond);
}

// Whether nearly all characters beyond ASCII are whole in UTF-8, or only one line in a hundred has others.
function isMostlyUtf8(bytes) {
  const text = decodedBytes(bytes, "utf-8-sig"), bad = timesIn(text, LOST);
  let beyond = 0;
  for (const character of text) beyond += character > "\x7f";
  if (beyond - bad >= WHOLE_CHARACTERS * bad) return true;
  const lines = text.split(/\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === "") lines.pop();
  return lines.length >= 100 && 100 * lines.filter((line) => line.includes(LOST)).length <= lines.length;
}

// What an encoding reads, if it finds letters and punctuation in all that is beyond ASCII; null if it does not.
function likelyReading(bytes, name) {
  const text = decodedBytes(bytes, name);
  const beyond = text.replace(/[\x00-\x7f]/g, "");
  if (/[^\p{L}\p{M}\p{P}\p{Z}\u00ad]/u.test(beyond)) return null;
  if (/[A-Za-z][\u0370-\u1dff]|[\u0370-\u1dff][A-Za-z]/.test(text)) return null; // no reading of a name
  const odd = (text.slice(0, STRANGE_LOOKED_AT).match(/(?<=\p{Lowercase})(?![A-Z])\p{Uppercase}/gu) ?? []).length;
  return 4 * odd <= wordsOf(text).filter((word) => /[^\x00-\x7f]/.test(word)).length ? text : null;
}

// cp1252 where enough lines have letters of German and the languages of the north, and no others: other encodings have
// no such letters at these bytes, or those that they have hardly come without others. An encoding of Russian where
// capitals stand where they should. Else the bytes are refused, with the encodings that are likely.
function likelyEncoding(bytes, source) {
  const lines = linesBeyondAscii(bytes), sample = bytesOfLines(lines.different), letters = lines.different.join("");
  const dense = 2 * (letters.match(/[^\x00-\x7f]/g) ?? []).length >= (letters.match(/[A-Za-z\x80-\xff]/g) ?? []).length;
  const enough = lines.different.length >= ENOUGH_LINES, northern = NORTHERN.some((alphabet) => alphabet.test(letters));
  const found = dense ? capitalized(sample) : northern ? "cp1252" : null;
  if (enough && found) return { name: found, why: textOf("as-letters-say", { name: found }) };
  const readings = new Map();
  for (const name of dense ? OTHER_ENCODINGS : [...LATIN_ENCODINGS, ...OTHER_ENCODINGS]) {
    const text = likelyReading(sample, name), known = [...readings.values()].includes(text);
    if (text && !known && (LATIN_ENCODINGS.includes(name) || dense || !readings.size)) readings.set(name, text);
  }
  throw badByte(source, "UTF-8", bytes, firstBadByte(bytes, "utf-8-sig"), lines.count - 1, choicesOf(readings));
}

// The encoding of Russian in which nearly all words begin with a capital and go on in small letters, and there is many
// an а, which other scripts hardly have at its byte; null if there is none.
function capitalized(sample) {
  const fits = ([name, word]) => {
    const text = decodedBytes(sample, name), words = text.match(/[^\x00-\x7f]+/g);
    return 10 * words.filter((each) => word.test(each)).length >= 9 * words.length && 4 * timesIn(text, "а") >= words.length;
  };
  return CAPITALIZED.find(fits)?.[0] ?? null;
}

// Up to three encodings, with a line that they read differently; null if there is none.
function choicesOf(readings) {
  const ranked = [...readings].map(([name, text]) => ({ name, lines: text.split("\n"), share: shareOfOneScript(text) }));
  const shown = ranked.sort((one, other) => other.share - one.share).slice(0, 3);
  if (!shown.length) return null;
  const differs = (place) => new Set(shown.map(({ lines }) => lines[place])).size === shown.length;
  const place = Math.max(0, shown[0].lines.findIndex((_, each) => differs(each)));
  return shown.map(({ name, lines }) => `${name} (${onOneLine((lines[place] ?? "").trim(), 30)})`).join(textOf("or"));
}

// The largest share of the characters beyond ASCII that are of one script.
function shareOfOneScript(text) {
  const beyond = Array.from(text.replace(/[\x00-\x7f]/g, ""));
  return Math.max(...SCRIPTS_TO_TELL.map((script) => beyond.filter((each) => script.test(each)).length)) / beyond.length;
}

// How many lines have bytes beyond ASCII, and those that differ.
function linesBeyondAscii(bytes) {
  const text = decodedBytes(bytes, "latin-1").replace(/\r/g, "\n"), odd = text.split("\n").filter((line) => /[^\x00-\x7f]/.test(line));
  return { count: odd.length, different: [...new Set(odd)] };
}

const bytesOfLines = (lines) => Uint8Array.from(codesOf(lines.join("\n").slice(0, 200_000)));
