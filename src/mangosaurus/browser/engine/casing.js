// In which case names are written: core/casing.py and generation/casing.py. A name keeps its number of characters.

const SHAPES = ["title", "upper", "lower"], MOST_LOOKED_AT = 1000;

// `text` in lower case; by the rules of a `language`, where it has its own.
function lower(text, language = false) {
  return text.toLocaleLowerCase(typeof language === "string" ? language : "en");
}

function oneOf(character, changed) {
  if (Array.from(changed).length === 1) return changed;
  return { ß: "ẞ", İ: "i" }[character] ?? character;
}

// As many characters, each changed by itself where the whole would have more or fewer.
function kept(text, change) {
  const changed = change(text);
  if (Array.from(changed).length === Array.from(text).length) return changed;
  return Array.from(text, (character) => oneOf(character, change(character))).join("");
}

const smallLetters = (text, language = false) => kept(text, (part) => lower(part, language));

const capitals = (text, language = false) => (
  kept(/^(tr|az)$/.test(language) ? text.replaceAll("i", "İ") : text, (part) => part.toUpperCase()));

// A capital at the beginning of each word. A word goes on after an apostrophe, except after a single letter.
function titled(text, language = false) {
  let found = "", length = 0;
  for (let character of smallLetters(text, language)) {
    const within = /[\p{L}\p{N}\p{M}]/u.test(character);
    if (within && length === 0) {
      if (character === "i" && /^(tr|az)$/.test(language)) character = "İ";
      else character = TITLES[character] ?? oneOf(character, character.toUpperCase());
    }
    found += character;
    if ("'’".includes(character) && length > 1) continue;
    length = within ? length + 1 : 0;
  }
  return found;
}

// Digraphs, of which the first letter alone becomes a capital.
const TITLES = { ǆ: "ǅ", ǅ: "ǅ", ǉ: "ǈ", ǈ: "ǈ", ǌ: "ǋ", ǋ: "ǋ", ǳ: "ǲ", ǲ: "ǲ" };
const WRITTEN = { title: titled, upper: capitals, lower: smallLetters };

// The case in which nearly all of `names` are written; null if there is no such case.
function shapeOfNames(names, language = false) {
  const step = 1 + Math.floor(names.length / MOST_LOOKED_AT);
  const some = names.filter((name, place) => place % step === 0 && name.toLowerCase() !== name.toUpperCase());
  const alike = (shape) => some.filter((name) => WRITTEN[shape](name, language) === name).length;
  return SHAPES.find((shape) => some.length && alike(shape) >= 0.9 * some.length) ?? null;
}

class Casing {
  constructor(shape, language) {
    Object.assign(this, { shape, language });
  }

  write(name) {
    return WRITTEN[this.shape](name, this.language);
  }

  // The name as it was drawn, and in every case: any of them may be on the training list.
  forms(name) {
    return new Set([name, lower(name, this.language), ...SHAPES.map((shape) => WRITTEN[shape](name, this.language))]);
  }
}
