// Damaged text: lost characters, UTF-8 that was read in another encoding, HTML's names of characters: data/damaged.py.

const LOST = "\ufffd", RUN_BEYOND_ASCII = /[^\x00-\x7f]+/gu, RUNS_LOOKED_AT = 2000, SHARE_OF_DAMAGE = 0.2, MOST_MISREADINGS = 3;
const HTML_REFERENCE = /&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});/g, HTML_TAG = /<[A-Za-z/!]/;
// In which UTF-8 is read by mistake; and what a run of two ordinary characters may seem to stand for.
const MISREAD_AS = ["cp1252", "latin-1", "cp1251", "mac-roman", "cp437", "cp850"], RARE_LETTERS = /[\u0180-\u0385]/;

// The text with its UTF-8 put right, and a note if some was. Refuses one of which only a part is wrong.
function mendedText(text, source) {
  let note = null;
  for (let round = 0; round < MOST_MISREADINGS; round++) {
    const found = misread(text);
    if (!found) break;
    const { encoding, run, share } = found;
    let left = 0;
    const whole = text.replace(RUN_BEYOND_ASCII, (each) => meantBy(each, encoding) ?? (left++, each));
    const damage = suchDamage(text, encoding, run);
    if (share < 1 || left) throw refusalOf("damaged", { source, damage });
    note ??= textOf("put-right", { damage });
    text = whole;
  }
  return [text, note];
}

// In which encoding UTF-8 was read, a run that shows it, and the share of such runs; null for undamaged text.
function misread(text) {
  const runs = new Set();
  let count = 0;
  for (const [run] of text.matchAll(RUN_BEYOND_ASCII)) {
    if (count++ === RUNS_LOOKED_AT) break;
    runs.add(run);
  }
  let best = null;
  for (const encoding of runs.size ? MISREAD_AS : []) {
    const wrong = [...runs].filter((run) => meantBy(run, encoding) !== null), share = wrong.length / runs.size;
    if (share >= SHARE_OF_DAMAGE && (!best || share > best.share)) best = { encoding, run: wrong[0], share };
  }
  return best;
}

// What a run of characters stands for as UTF-8; null if it is no UTF-8, or none of usual characters.
function meantBy(run, encoding) {
  const bytes = Array.from(run, (character) => byteIn(character, encoding));
  if (bytes.includes(undefined)) return null;
  let meant;
  try {
    meant = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
  return Array.from(meant).every((each) => !RARE_LETTERS.test(each) && /[^\p{C}\p{Zl}\p{Zp}]|\p{Cf}/u.test(each)) ? meant : null;
}

function suchDamage(text, encoding, run) {
  const line = lineWith(text, run), shown = line.replace(RUN_BEYOND_ASCII, (each) => meantBy(each, encoding) ?? each);
  return textOf("such-damage", { encoding, line: inQuotes(line), shown: inQuotes(shown) });
}

function lineWith(text, part) {
  const place = text.indexOf(part), line = text.slice(text.lastIndexOf("\n", place) + 1, place + 60).split("\n")[0].trim();
  return onOneLine(line.includes(part) ? line : part, 40);
}

// The text with the characters that HTML's references stand for, and a note if there are some.
function withoutReferences(text, source) {
  const references = text.includes("&") ? text.match(HTML_REFERENCE) ?? [] : [];
  if (!references.length || HTML_TAG.test(text)) return [text, null];
  const unknown = references.find((each) => each[1] !== "#" && HTML_CHARACTERS[each.slice(1, -1)] === undefined);
  if (unknown) {
    throw refusalOf("unknown-in-html", { source, such: onOneLine(unknown) });
  }
  const found = references.filter((each) => characterOf(each) !== null);
  if (!found.length) return [text, null];
  const whole = text.replace(HTML_REFERENCE, (each) => characterOf(each) ?? each);
  const such = { written: found[0], character: inQuotes(characterOf(found[0])) };
  return [whole, textOf("written-as-html", { n: found.length, ...such })];
}

// The character that a reference stands for; null if there is none.
function characterOf(reference) {
  const name = reference.slice(1, -1);
  let code = HTML_CHARACTERS[name];
  if (name[0] === "#") code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  if (name[0] === "#" && code >= 0x80 && code < 0xa0) { // as HTML has it, of cp1252
    const character = tableOfBytes("cp1252")[code];
    return character === LOST ? String.fromCharCode(code) : character;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code === LOST.codePointAt(0)) return null;
  if ((code < 32 && ![9, 10, 12, 13].includes(code)) || code === 0x3b || code === 127) return null;
  return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe ? null : String.fromCodePoint(code);
}

// Refuses text of which characters were lost.
function checkWhole(text, source) {
  if (!text.includes(LOST)) return;
  throw refusalOf("characters-lost", { source, line: inQuotes(lineWith(text, LOST)), n: timesIn(text, LOST) });
}
