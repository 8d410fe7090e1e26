// Characters that nobody sees are folded or dropped, and counted: data/invisible.py.

const NO_BREAK_SPACES = /[\u00a0\u2000-\u200a\u202f\u205f]/g, OTHER_BREAKS = /[\x0b\x0c\x85\u2028\u2029]/g;
// No list of characters with control characters in it is clear to read; their numbers are.
const INVISIBLE_KINDS = [
  ["terminal", /\x1b\[[0-9;:?]{0,16}[@-~]/g, ""],
  ["no-break-space", NO_BREAK_SPACES, " "],
  ["other-break", OTHER_BREAKS, "\n"],
  ["control", /[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]/g, ""],
  ["soft-hyphen", /\u00ad/g, ""],
  ["zero-width-space", /[\u180e\u200b\u2060]/g, ""],
  ["mark-of-order", /\ufeff/g, ""],
  ["mark-of-direction", /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ""],
];
const MAY_BE_INVISIBLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u061c\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2060\u2066-\u2069\ufeff]/;
const NEEDLESS_JOINERS = /(?<=[\x20-\u024f])[\u200c\u200d]+(?=[\x20-\u024f])/g;

// A text without invisible characters; `tally`, a Map, counts each kind of them.
function withoutInvisible(text, tally = new Map()) {
  const fold = (kind, pattern, into) => {
    let count = 0;
    text = text.replace(pattern, () => (count++, into));
    tally.set(kind, (tally.get(kind) ?? 0) + count);
  };
  if (MAY_BE_INVISIBLE.test(text)) for (const each of INVISIBLE_KINDS) fold(...each);
  if (/[\u200c\u200d]/.test(text)) fold("joiner", NEEDLESS_JOINERS, "");
  return text;
}

// What was folded or dropped, in a line; null if nothing was.
function noteOfInvisible(tally) {
  const counts = [...tally].filter(([, n]) => n).map(([kind, n]) => say(kind, { n }));
  return counts.length ? textOf("invisible-left-out", { counts: listed(counts, "comma") }) : null;
}

// Text without carriage returns and invisible characters, in NFC.
const cleanText = (text, tally) => withoutInvisible(text, tally).replace(/\r\n?/g, "\n").normalize("NFC");
