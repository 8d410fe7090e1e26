// Regular expressions as automata, as Python's re.fullmatch reads them: generation/constraints/regex.py. A parser of
// Python's dialect, then Glushkov's construction (1961). Sets of positions are bits of a BigInt.

const MOST_PATTERN_STATES = 20_000, MOST_POSITIONS = 20_000, MOST_PATTERN_WORK = 2_000_000;
const ANCHORS = { "^": "BEGINNING", $: "END", A: "BEGINNING_STRING", Z: "END_STRING", b: "BOUNDARY", B: "NON_BOUNDARY" };
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
// Letters that Python takes for each other beside their cases: those with the same capital.
const ALSO_ALIKE = ["iı", "sſ", "µμ", "\u0345ι\u1fbe", "\u0390\u1fd3", "\u03b0\u1fe3", "βϐ", "εϵ", "θϑ", "κϰ", "πϖ", "ρϱ", "ςσ",
  "φϕ", "вᲀ", "дᲁ", "оᲂ", "сᲃ", "тᲄᲅ", "ъᲆ", "ѣᲇ", "ᲈꙋ", "ṡẛ", "ﬅﬆ"];

class BadPattern extends Error {
  constructor(said, place) {
    super();
    Object.assign(this, { said, place });
  }
}

class TooMuch extends Error {}

class Unsupported extends Error {}

// The minimal automaton of the strings over `vocabulary` that match the whole of `pattern`.
function compilePattern(pattern, vocabulary, option, ignoreCase = false) {
  const label = [named(option), ` ${quoted(pattern, 80)}`];
  const fold = ignoreCase ? sameCase : (text) => text, letters = symbolLetters(vocabulary, fold);
  const { read, places } = withLetters(Array.from(pattern), vocabulary, letters, fold);
  try {
    const { items, flags } = new PatternParser(read, ignoreCase).whole();
    const expression = new Expression(letters), root = expression.sequence(items, flags);
    expression.follow[0] = root.first;
    const dfa = determinized(expression, root.last | (root.nullable ? 1n : 0n));
    if (!dfa.states && option === "pattern") {
      throw new Refusal("no-name-because", { label, why: whyEmpty(expression, root, vocabulary) });
    }
    return minimized(dfa);
  } catch (error) {
    if (error instanceof BadPattern) {
      throw new Refusal("no-expression", { label, why: error.said, place: String(places[error.place] + 1) });
    }
    if (error instanceof RangeError) throw new Refusal("repeats-too-much", { label });
    if (error instanceof TooMuch) {
      throw new Refusal("explodes", { label, states: MOST_PATTERN_STATES });
    }
    if (!(error instanceof Unsupported)) throw error;
    if (error.message === "back-references") throw new Refusal("uses-back-references", { label });
    throw new Refusal(`${option}-uses`, { label, what: say(error.message) });
  }
}

// One character for each symbol: its own, or one without a meaning; those that `fold` makes the same have the same one.
function symbolLetters(vocabulary, fold) {
  if (isPlain(vocabulary)) return vocabulary.characters;
  const taken = new Set(vocabulary.characters.flatMap((symbol) => Array.from(symbol))), letterOf = new Map();
  let code = 0x40000;
  for (const symbol of vocabulary.characters.filter((each) => Array.from(each).length > 1).map(fold).sort()) {
    if (letterOf.has(symbol)) continue;
    while (taken.has(String.fromCodePoint(code))) code += 1;
    letterOf.set(symbol, String.fromCodePoint(code++));
  }
  return vocabulary.characters.map((symbol) => letterOf.get(fold(symbol)) ?? symbol);
}

// An expression, a list of characters, with symbols of several characters as their letters, and where each stood.
function withLetters(pattern, vocabulary, letters, fold) {
  if (isPlain(vocabulary)) return { read: pattern, places: [...pattern.keys(), pattern.length] };
  const several = new Map(), special = /[.^$*+?{}[\]|()\\]/;
  vocabulary.characters.forEach((symbol, place) => {
    if (Array.from(symbol).length === 1) return;
    several.set(fold(symbol.replace(/[-.^$*+?{}[\]|()\\&~#\s]/g, "\\$&")), letters[place]);
    if (!special.test(symbol)) several.set(fold(symbol), letters[place]);
  });
  const separator = vocabulary.separator.trim() || vocabulary.separator, read = [], places = [];
  const lengths = [...new Set([...several.keys()].map((each) => Array.from(each).length))].sort((one, other) => other - one);
  for (let place = 0, within = false; place < pattern.length;) {
    const part = (length) => fold(pattern.slice(place, place + length).join(""));
    const length = lengths.find((each) => several.has(part(each)));
    if (length === undefined && separator && !within && !special.test(separator)
        && pattern.slice(place, place + Array.from(separator).length).join("") === separator) {
      place += Array.from(separator).length;
      continue;
    }
    const step = length ?? (pattern[place] === "\\" ? 2 : 1);
    const written = length === undefined ? pattern.slice(place, place + step) : [several.get(part(length))];
    if (length === undefined) within = written[0] === "[" || (within && written[0] !== "]");
    written.forEach((letter, more) => {
      read.push(letter);
      places.push(place + more);
    });
    place += step;
  }
  return { read, places: [...places, pattern.length] };
}

// Reads an expression into items: {is: "class", negated, of: [...]}, "at", "branch", "group", "repeat". A part of a class
// is a character, a range [first, last], or a category such as {category: "w"}.
class PatternParser {
  constructor(characters, ignoreCase) {
    Object.assign(this, { characters, place: 0, flags: { i: ignoreCase }, groups: 1, names: new Map(), open: new Set() });
  }

  whole() {
    const items = this.branches(true);
    if (this.place < this.characters.length) this.fail("unbalanced");
    return { items, flags: this.flags };
  }

  fail(key, place = this.place, places = {}) {
    throw new BadPattern(say(key, places), Math.min(place, this.characters.length));
  }

  get next() {
    return this.characters[this.place];
  }

  take(character) {
    if (this.next !== character) return false;
    this.place += 1;
    return true;
  }

  branches(outermost = false) {
    const choices = [];
    do choices.push(this.items(outermost && !choices.length)); while (this.take("|"));
    return choices.length === 1 ? choices[0] : [{ is: "branch", choices }];
  }

  items(first) {
    const found = [];
    while (this.place < this.characters.length && this.next !== "|" && this.next !== ")") {
      const here = this.place, character = this.characters[this.place++];
      if (this.flags.x && /[ \t\n\r\v\f]/.test(character)) continue;
      if (this.flags.x && character === "#") {
        while (this.place < this.characters.length && this.characters[this.place++] !== "\n");
      } else if (character === "\\") found.push(this.escape(here, false));
      else if (character === "[") found.push(this.set(here));
      else if (character === "." ) found.push({ is: "class", any: true, of: [] });
      else if (character === "^" || character === "$") found.push({ is: "at", kind: ANCHORS[character] });
      else if (character === "(") found.push(...this.group(here, first && !found.length));
      else if ("*+?{".includes(character)) this.repeat(here, character, found);
      else found.push({ is: "class", of: [character] });
    }
    return found;
  }

  repeat(here, character, found) {
    let [least, most] = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1], "{": [0, Infinity] }[character];
    if (character === "{") {
      const bounds = /^(\d*)(?:(,)(\d*))?\}/.exec(this.characters.slice(this.place, this.place + 30).join(""));
      if (!bounds || bounds[0] === "}") {
        found.push({ is: "class", of: ["{"] });
        return;
      }
      this.place += bounds[0].length;
      const last = bounds[2] ? bounds[3] : bounds[1];
      if (bounds[1]) least = Number(bounds[1]);
      if (last) most = Number(last);
      if (least >= 4294967295 || (last && most >= 4294967295)) throw new RangeError();
      if (most < least) this.fail("min-above-max", here + 1);
    }
    const item = found.at(-1);
    if (!item || item.is === "at") this.fail("nothing-to-repeat", here);
    if (item.is === "repeat" || item.possessive) this.fail("multiple-repeat", here);
    if (this.take("?")) found[found.length - 1] = { is: "repeat", least, most, items: [item] };
    else if (this.take("+")) found[found.length - 1] = { is: "unsupported", what: "possessive-repeats", possessive: true };
    else found[found.length - 1] = { is: "repeat", least, most, items: [item] };
  }

  // What follows a backslash at `here`.
  escape(here, within) {
    const character = this.characters[this.place++];
    if (character === undefined) this.fail("escape-at-end", here);
    if ("dDsSwW".includes(character)) return { is: "class", of: [this.category(character)] };
    if (!within && "AZbB".includes(character)) return { is: "at", kind: ANCHORS[character] };
    const simple = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\" }[character];
    if (simple !== undefined && (within || character !== "b")) return { is: "class", of: [simple] };
    const digits = { x: 2, u: 4, U: 8 }[character];
    if (digits) {
      const [hex] = new RegExp(`^[0-9a-fA-F]{0,${digits}}`).exec(this.characters.slice(this.place, this.place + digits).join(""));
      if (hex.length < digits) this.fail("incomplete-escape", here, { what: `\\${character}${hex}` });
      this.place += digits;
      if (parseInt(hex, 16) > 0x10ffff) this.fail("bad-escape", here, { what: `\\${character}${hex}` });
      return { is: "class", of: [String.fromCodePoint(parseInt(hex, 16))] };
    }
    if (/[0-9]/.test(character)) return this.digits(here, character, within);
    if (/[A-Za-z]/.test(character)) this.fail("bad-escape", here, { what: `\\${character}` });
    return { is: "class", of: [character] };
  }

  digits(here, character, within) {
    const rest = this.characters.slice(this.place, this.place + 2).join("");
    const octal = within || character === "0" ? /^[0-7]{0,2}/.exec(rest)[0] : /^[0-7]{2}/.exec(rest)?.[0];
    if (octal !== undefined && /[0-7]/.test(character)) {
      this.place += octal.length;
      const code = parseInt(character + octal, 8);
      if (code > 0o377) this.fail("bad-octal", here, { what: `\\${character}${octal}` });
      return { is: "class", of: [String.fromCodePoint(code)] };
    }
    if (within) this.fail("bad-escape", here, { what: `\\${character}` });
    let number = character;
    if (/[0-9]/.test(this.next ?? "")) number += this.characters[this.place++];
    this.reference(Number(number), here);
    return { is: "unsupported", what: "back-references" };
  }

  reference(group, here) {
    if (!(group < this.groups)) this.fail("bad-reference", here + 1, { group: String(group) });
    if (this.open.has(group)) this.fail("open-group", here);
  }

  category(letter) {
    return { category: letter.toLowerCase(), negated: letter !== letter.toLowerCase() };
  }

  set(here) {
    const negated = this.take("^"), of = [];
    const one = () => {
      const start = this.place, character = this.characters[this.place++];
      if (character === undefined) this.fail("unterminated-set", here);
      return character === "\\" ? this.escape(start, true).of[0] : character;
    };
    for (;;) {
      const start = this.place;
      if (of.length && this.take("]")) break;
      const low = one();
      if (!this.take("-")) {
        of.push(low);
        continue;
      }
      if (this.take("]")) {
        of.push(low, "-");
        break;
      }
      const high = one();
      if (typeof low !== "string" || typeof high !== "string" || high.codePointAt(0) < low.codePointAt(0)) {
        this.fail("bad-range", start, { range: this.characters.slice(start, this.place).join("") });
      }
      of.push([low.codePointAt(0), high.codePointAt(0)]);
    }
    return { is: "class", negated, of };
  }

  group(here, first) {
    let capture = true, flags = null, name = null, unsupported = null;
    if (this.take("?")) {
      const character = this.characters[this.place++];
      if (character === undefined) this.fail("unexpected-end");
      if (character === "P") {
        if (this.take("<")) name = this.until(">");
        else if (this.take("=")) {
          const start = this.place, group = this.until(")");
          if (!this.names.has(group)) this.fail("unknown-group", start, { group });
          this.reference(this.names.get(group), start);
          return [{ is: "unsupported", what: "back-references" }];
        } else {
          const more = this.characters[this.place++];
          if (more === undefined) this.fail("unexpected-end");
          this.fail("unknown-extension", here + 1, { what: `?P${more}` });
        }
      } else if (character === ":") capture = false;
      else if (character === "#") {
        while (this.next !== undefined && this.next !== ")") this.place += 1;
        if (!this.take(")")) this.fail("unterminated-comment", here);
        return [];
      } else if ("=!<".includes(character)) {
        if (character === "<") {
          const more = this.characters[this.place++];
          if (more === undefined) this.fail("unexpected-end");
          if (!"=!".includes(more)) this.fail("unknown-extension", here + 1, { what: `?<${more}` });
        }
        [capture, unsupported] = [false, "look-around"];
      } else if (character === "(") {
        const start = this.place, group = this.until(")");
        if (!/^\d+$/.test(group) && !this.names.has(group)) this.fail("unknown-group", start, { group });
        if (group === "0") this.fail("bad-group-number", start);
        [capture, unsupported] = [false, "conditional-groups"];
      } else if (character === ">") [capture, unsupported] = [false, "atomic-groups"];
      else if (/[aiLmsux-]/.test(character)) {
        flags = this.readFlags(character);
        if (flags.everywhere) {
          if (!first) this.fail("flags-not-at-start", here);
          Object.assign(this.flags, flags.added);
          return [];
        }
        capture = false;
      } else this.fail("unknown-extension", here + 1, { what: `?${character}` });
    }
    let number = 0;
    if (capture) {
      number = this.groups++;
      if (name !== null) {
        if (this.names.has(name)) this.fail("redefined-group", here + 4, { name, number: String(number), before: String(this.names.get(name)) });
        this.names.set(name, number);
      }
      this.open.add(number);
    }
    const before = this.flags.x;
    if (flags) this.flags.x = (before || flags.added.x) && !flags.removed.x;
    const items = this.branches();
    this.flags.x = before;
    if (!this.take(")")) this.fail("unterminated-group", here);
    this.open.delete(number);
    if (unsupported) return [{ is: "unsupported", what: unsupported }];
    return [{ is: "group", items, flags }];
  }

  until(end) {
    const start = this.place;
    while (this.next !== undefined && this.next !== end) this.place += 1;
    const name = this.characters.slice(start, this.place).join("");
    if (!this.take(end)) this.fail(name ? "unterminated-name" : "missing-group-name", start, { end });
    if (!name) this.fail("missing-group-name", start);
    if (end === ">" && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) this.fail("bad-group-name", start, { name });
    return name;
  }

  readFlags(character) {
    const found = { added: {}, removed: {}, everywhere: false };
    let into = found.added;
    for (;;) {
      if (character === undefined) this.fail("missing-end-of-flags");
      if (character === "-" && into === found.added) into = found.removed;
      else if (character === ")" && into === found.added) return { ...found, everywhere: true };
      else if (character === ":" && (into === found.added || Object.keys(into).length)) break;
      else if (!/[aiLmsux]/.test(character)) this.fail(/\p{L}/u.test(character) ? "unknown-flag" : "missing-end-of-flags", this.place - 1);
      else if (character === "L") this.fail("flag-of-bytes");
      else if (into === found.removed && /[au]/.test(character)) this.fail("flags-stay-on");
      else into[character] = true;
      character = this.characters[this.place++];
    }
    if (found.added.a && found.added.u) this.fail("flags-incompatible");
    if (Object.keys(found.removed).some((flag) => found.added[flag])) this.fail("flag-on-and-off", this.place - 1);
    return found;
  }
}

// The positions of an expression, and which can follow which.
class Expression {
  constructor(letters) {
    Object.assign(this, { letters, follow: [0n], takes: new Map(), anchors: new Map(), work: 0, copies: 0 });
  }

  spend(steps) {
    this.work += steps;
    if (this.work > MOST_PATTERN_WORK) throw new TooMuch();
  }

  countCopy() {
    if (++this.copies > MOST_POSITIONS) throw new TooMuch();
  }

  position() {
    this.countCopy();
    const bit = 1n << BigInt(this.follow.push(0n) - 1);
    return { nullable: false, first: bit, last: bit };
  }

  // A class of characters that stands at a position of its own.
  noted(among, key, made) {
    const part = this.position(), name = JSON.stringify(key);
    if (!among.has(name)) among.set(name, { ...made, positions: 0n });
    among.get(name).positions |= part.first;
    return part;
  }

  sequence(items, flags) {
    return items.reduceRight((whole, item) => this.join(this.item(item, flags), whole), { nullable: true, first: 0n, last: 0n });
  }

  join(left, right) {
    this.connect(left.last, right.first);
    return {
      nullable: left.nullable && right.nullable,
      first: left.first | (left.nullable ? right.first : 0n),
      last: right.last | (right.nullable ? left.last : 0n),
    };
  }

  connect(sources, targets) {
    if (targets) for (const source of this.each(sources)) this.follow[source] |= targets;
  }

  // The numbers of the bits of `positions`.
  each(positions) {
    const found = [];
    for (let first = 0; positions; first += 32, positions >>= 32n) {
      let bits = Number(positions & 0xffffffffn);
      for (let place = first; bits; place++, bits = Math.floor(bits / 2)) if (bits % 2) found.push(place);
    }
    this.spend(found.length * (1 + Math.floor(this.follow.length / 2000)));
    return found;
  }

  // All positions that can follow one of `positions`.
  after(positions) {
    return this.each(positions).reduce((found, position) => found | this.follow[position], 0n);
  }

  item(item, flags) {
    if (item.is === "class") {
      const { i = false, a = false, s = false } = flags;
      return this.noted(this.takes, [item, i, a, s], { item, flags: { i, a, s } });
    }
    if (item.is === "at") {
      const line = flags.m && ["BEGINNING", "END"].includes(item.kind) ? `${item.kind}_LINE` : item.kind;
      return this.noted(this.anchors, [line, Boolean(flags.a)], { kind: line, ascii: Boolean(flags.a) });
    }
    if (item.is === "branch") {
      return item.choices.reduceRight((part, choice) => {
        const other = this.sequence(choice, flags);
        return { nullable: part.nullable || other.nullable, first: part.first | other.first, last: part.last | other.last };
      }, { nullable: false, first: 0n, last: 0n });
    }
    if (item.is === "group") {
      const { added = {}, removed = {} } = item.flags ?? {}, inside = { ...flags, ...added };
      if (added.u) inside.a = false;
      for (const flag of Object.keys(removed)) inside[flag] = false;
      return this.sequence(item.items, inside);
    }
    if (item.is === "repeat") return this.repeat(item, flags);
    throw new Unsupported(item.what);
  }

  // A sequence from `least` to `most` times; every time has positions of its own.
  repeat({ least, most, items }, flags) {
    let whole = { nullable: true, first: 0n, last: 0n }, required = least, optional = most - least;
    if (most === Infinity) {
      whole = this.sequence(items, flags);
      [required, optional] = [Math.max(least - 1, 0), 0];
      this.connect(whole.last, whole.first);
      if (least === 0) whole.nullable = true;
    }
    // x{0,3} is (x(x(x)?)?)?, in which each x is joined to what follows it once.
    for (let place = 0; place < optional + required; place++) {
      const part = this.sequence(items, flags);
      if (!part.first) this.countCopy();
      whole = this.join(part, whole);
      if (place < optional) whole.nullable = true;
    }
    return whole;
  }

  // Of each symbol whether a class takes it.
  members({ item, flags }) {
    return this.letters.map((letter) => takesLetter(item, letter, flags));
  }
}

function takesLetter({ any = false, negated = false, of }, letter, { i, a, s }) {
  if (any) return s || letter !== "\n";
  const forms = i ? formsOf(letter, a) : [letter], small = i ? smallest1(letter, a) : letter;
  return of.some((part) => {
    if (typeof part === "string") return forms.includes(part);
    if (Array.isArray(part)) return forms.some((form) => part[0] <= form.codePointAt(0) && form.codePointAt(0) <= part[1]);
    return inCategory(part.category, small, a) !== part.negated;
  }) !== negated;
}

// A character in small letters, if that is one character; with `ascii`, of those letters alone.
function smallest1(letter, ascii) {
  if (ascii) return /[A-Z]/.test(letter) ? letter.toLowerCase() : letter;
  const small = letter === "İ" ? "i" : letter.toLowerCase();
  return Array.from(small).length === 1 ? small : letter;
}

// A character in every case in which Python takes it for the same.
function formsOf(letter, ascii) {
  const small = smallest1(letter, ascii), some = [small, ...(ascii ? [] : ALSO_ALIKE.find((group) => group.includes(small)) ?? "")];
  if (ascii) return /[a-z]/.test(small) ? [small, small.toUpperCase()] : [letter];
  const capitalsOf = some.map((each) => each.toUpperCase()).filter((each) => Array.from(each).length === 1);
  const extra = some.includes("i") ? ["İ"] : some.includes("ß") ? ["ẞ"] : some.includes("å") ? ["Å"] : [];
  if (some.includes("k")) extra.push("\u212a");
  if (some.includes("ω")) extra.push("\u2126");
  return [...new Set([letter, ...some, ...capitalsOf.filter((each) => some.includes(smallest1(each, false))), ...extra])];
}

function inCategory(category, letter, ascii) {
  if (category === "d") return (ascii ? /[0-9]/ : /\p{Nd}/u).test(letter);
  if (category === "s") return ascii ? /[ \t-\r]/.test(letter) : SPACES.test(letter);
  return (ascii ? /[A-Za-z0-9_]/ : /[\p{L}\p{N}_]/u).test(letter);
}

// The automaton whose states are sets of positions; `last` are those after which the text may end.
function determinized(expression, last) {
  const classes = [...expression.takes.values()], members = classes.map((each) => expression.members(each));
  const word = { item: { of: [{ category: "w", negated: false }] } };
  const context = expression.anchors.size ? [
    expression.members({ ...word, flags: {} }), expression.members({ ...word, flags: { a: true } }),
    expression.letters.map((letter) => letter === "\n"),
  ] : [];
  // Symbols of the same traits share a column.
  const numbers = new Map(), columns = new Int32Array(expression.letters.length + 1), masks = [], besides = [];
  expression.letters.forEach((_, place) => {
    const beside = context.map((traits) => traits[place]), key = [...beside, ...members.map((traits) => traits[place])].map(Number).join("");
    if (!numbers.has(key)) {
      numbers.set(key, masks.length);
      masks.push(classes.reduce((mask, each, row) => (members[row][place] ? mask | each.positions : mask), 0n));
      besides.push(beside);
    }
    columns[place + 1] = numbers.get(key);
  });
  // A state is [positions, positions after which nothing may follow, what the last character was to anchors].
  const width = masks.length, found = new Map(), states = [], moves = [], accepting = [];
  const number = (free, ending, before) => {
    const key = `${free.toString(36)} ${ending.toString(36)} ${before}`;
    if (!found.has(key)) {
      if (states.length === MOST_PATTERN_STATES) throw new TooMuch();
      found.set(key, states.push([free, ending, before]) - 1);
    }
    return found.get(key);
  };
  number(1n, 0n, null);
  for (const [free, ending, before] of states) {
    accepting.push(Boolean(throughAnchors(expression, free | ending, before, null)[0] & last));
    expression.spend(width * (1 + Math.floor(expression.follow.length / 2000)));
    const reached = new Map();
    masks.forEach((mask, column) => {
      const after = besides[column], key = after.join();
      if (!reached.has(key)) {
        const [some, finals] = throughAnchors(expression, free, before, after);
        reached.set(key, [expression.after(some), expression.after(finals)]);
      }
      const [some, finals] = reached.get(key);
      moves.push(some & mask || finals & mask ? number(some & mask, finals & mask, after) : DEAD);
    });
  }
  return trimmed(columns, width, Int32Array.from(moves), accepting);
}

// What is reached from `positions` by passing anchors between two characters; and what is reached by a $ before a line
// feed, which must be the last character. null is what stands before the first and after the last character.
function throughAnchors(expression, positions, before, after) {
  let holding = 0n, ending = 0n;
  for (const { kind, ascii, positions: anchors } of expression.anchors.values()) {
    if (anchorHolds(kind, ascii, before, after)) holding |= anchors;
    else if (kind === "END" && after?.[2]) ending |= anchors;
  }
  let free = positions, last = 0n;
  while (holding || ending) {
    const moreLast = (expression.after(free) & ending) | (expression.after(last) & (holding | ending));
    const moreFree = expression.after(free) & holding;
    if (!(moreFree & ~free) && !(moreLast & ~last)) break;
    free |= moreFree;
    last |= moreLast;
  }
  return [free, last];
}

function anchorHolds(kind, ascii, before, after) {
  if (kind === "BEGINNING" || kind === "BEGINNING_STRING") return before === null;
  if (kind === "BEGINNING_LINE") return before === null || before[2];
  if (kind === "END" || kind === "END_STRING") return after === null;
  if (kind === "END_LINE") return after === null || after[2];
  const [one, other] = [before, after].map((side) => side !== null && side[Number(ascii)]);
  return (one !== other) === (kind === "BOUNDARY");
}

// Why nothing over this vocabulary matches.
function whyEmpty(expression, root, vocabulary) {
  const missing = [...expression.takes.values()].reverse().filter((each) => !expression.members(each).includes(true));
  const blocked = missing.filter(({ positions }) => !passes(expression, root, positions));
  if (!missing.length || !passes(expression, root, 0n)) return say("matches-nothing");
  // One class that every match needs says it best; otherwise all the alternatives are named.
  const unit = say(vocabulary.unit), shown = (blocked.length ? blocked.slice(0, 1) : missing).map(({ item }, place) => {
    const [only] = item.of, single = item.of.length === 1 && typeof only === "string" && !item.negated;
    return say(`${place ? "or" : "never-seen"}-${single ? "one" : "of"}`, { unit, what: single ? quoted(only) : written(item) });
  });
  return shown.flat();
}

// A class as it is written.
function written({ any, negated, of }) {
  if (any) return ".";
  const parts = of.map((part) => {
    if (typeof part === "string") return part;
    if (Array.isArray(part)) return part.map((code) => String.fromCodePoint(code)).join("-");
    return `\\${part.negated ? part.category.toUpperCase() : part.category}`;
  });
  return `[${negated ? "^" : ""}${parts.join("")}]`;
}

// Whether some path of positions outside `without` leads through the expression.
function passes(expression, root, without) {
  if (root.nullable) return true;
  let seen = 0n, waiting = root.first & ~without;
  while (waiting) {
    seen |= waiting;
    waiting = expression.after(waiting) & ~seen & ~without;
  }
  return Boolean(seen & root.last);
}
