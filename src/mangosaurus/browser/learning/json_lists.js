// JSON: a list of names, rows of a table, lists that the keys of an object label; lists in programs: data/json_lists.py.

const JSON_BEGINS =
  /^\s*(?:\[\s*["'[{\]]|\[\s*(?:-?\d[\d.]*|null|true|false)\s*,|\[\s*(?:null|true|false)\s*\]|\{\s*["'}]|\{\s*[\p{L}\p{N}_]+\s*:\s*[["'{])/u;
const ASSIGNED_LIST =
  /^\s*(?:export\s+default\s+|(?:(?:export\s+)?(?:const|let|var)\s+)?[A-Za-z_$][\p{L}\p{N}_.]*\s*(?::[^=\n]{1,40})?=\s*)(?=[[{(])/u;
const PROGRAM_COMMENT = /\s*(?:(?:#|\/\/|--)[^\n]*|\/\*[^]*?\*\/|<\?php(?![\p{L}\p{N}_]))/uy;
const A_STRING = `"(?:[^"\\\\\\n]|\\\\[^])*"|'(?:[^'\\\\\\n]|\\\\[^])*'|“[^”\\n]*”`;
const BARE_KEY = new RegExp(`(${A_STRING}|["'“][^\\n]*)|([{,]\\s*)([A-Za-z_$][\\p{L}\\p{N}_$]*)\\s*:`, "gu");
const LIST_OPENS = /[^"'“`]{0,200}?[[{(]\s*(?:(?:#|\/\/)[^\n]*\n\s*)*(?=["'“])/uy;
const LIST_ITEM = new RegExp(`(${A_STRING})\\s*(,?)(?:\\s|(?:#|//)[^\\n]*|/\\*[^]*?\\*/)*`, "uy");
const LIST_CLOSES = /[\s\])};,]*[\])}][\s\])};]*(?:\?>\s*)?$/uy;
const LISP_LIST = /[^"'“`]{0,200}?'?[([]\s*((?:"(?:[^"\\\n]|\\[^])*"\s+)+"(?:[^"\\\n]|\\[^])*")[\s\])]*$/uy;
const PERL_WORDS = /(?:[\p{L}\p{N}_\s@$]{1,80}=\s*)?\(?\s*qw\s*[([{/<]([^()[\]{}/<>]+)[)\]}/>][\s);]*$/uy;
const MOST_LITERAL = 1_000_000, MOST_KEYS = 1000, DEEPEST_KEYS = 8, DEEPEST_JSON = 900, KEY_SHOWN = 60;

// A sticky pattern at a place.
function matchAt(pattern, text, place) {
  pattern.lastIndex = place;
  return pattern.exec(text);
}

// Whether a text begins as JSON, a Python list or a list in a program does, perhaps below comments.
function looksLikeJson(text) {
  text = text.slice(commentsEnd(text));
  return JSON_BEGINS.test(text) || (ASSIGNED_LIST.test(text) && unassigned(text) !== text);
}

// Where the comments at the beginning end.
function commentsEnd(text) {
  let place = 0;
  for (let found; (found = matchAt(PROGRAM_COMMENT, text, place));) place += found[0].length;
  return place;
}

// A list without `names = ` before it and a semicolon after it.
function unassigned(text) {
  const found = ASSIGNED_LIST.exec(text);
  const rest = found ? text.slice(found[0].length).trim().replace(/;$/, "").trim() : text;
  return /[\]})]$/.test(rest) && /^[[{(]\s*(?:["'[{]|[\p{L}\p{N}_]+\s*:)/u.test(rest) ? rest : text;
}

// The strings of a list in a program, such as `vec!["Anna", "Bo"]`, in any language; null if it is no such list.
function stringsOfProgram(text) {
  const begins = commentsEnd(text), words = matchAt(PERL_WORDS, text, begins);
  if (words) return wordsOf(words[1]);
  const lisp = matchAt(LISP_LIST, text, begins);
  if (lisp) return lisp[1].match(new RegExp(A_STRING, "gu")).map(stringMeant);
  const opening = /[\])};>]\s*$/.test(text.slice(-40)) ? matchAt(LIST_OPENS, text, begins) : null;
  if (!opening) return null;
  const strings = [];
  let place = begins + opening[0].length;
  for (let item, ended = false; !ended && (item = matchAt(LIST_ITEM, text, place));) {
    strings.push(stringMeant(item[1]));
    place += item[0].length;
    ended = !item[2];
  }
  return strings.length > 1 && matchAt(LIST_CLOSES, text, place) ? strings : null;
}

// What a string in a program stands for.
function stringMeant(string) {
  if (string.includes("\\") && "\"'".includes(string[0])) {
    try {
      const parser = new JsonParser(string, string[0] === "'");
      return parser.whole();
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
  }
  return string.slice(1, -1);
}

// Where text is no JSON, and why.
class JsonError extends Error {
  constructor(key, places, text, place) {
    super();
    Object.assign(this, { key, said: say(key, places) });
    const before = text.slice(0, place);
    this.line = timesIn(before, "\n") + 1;
    this.column = lengthOf(before.slice(before.lastIndexOf("\n") + 1)) + 1;
  }
}

// A number as Python writes it.
class NumberInJson {
  constructor(text) {
    const value = Number(text);
    this.text = text === "-0" ? "0" : text;
    if (!/^-?\d+$/.test(text)) {
      const [digits, power] = value.toExponential().split("e").map((part) => part.replace("+", ""));
      const shifted = Number(power) >= -5 && Number(power) < 16;
      this.text = shifted ? String(value) : `${digits}e${power.replace(/^(-?)(\d)$/, "$10$2").replace(/^(?=\d)/, "+")}`;
      if (/^-?\d+$/.test(this.text)) this.text += ".0";
      if (Object.is(value, -0)) this.text = "-0.0";
      if (Math.abs(value) === Infinity) this.text = value > 0 ? "inf" : "-inf";
    }
  }
}

// JSON as values: lists, Maps (which keep the order of keys), strings, NumberInJson, true, false, null. Lists under the
// same key are one; other keys that come twice are refused. As Python's literal if `literal`: with either quotes,
// tuples, None, True, False, comments and a comma at the end.
class JsonParser {
  constructor(text, literal = false) {
    Object.assign(this, { text, literal, place: 0, depth: 0 });
  }

  fail(key, place = this.place, places = {}) {
    throw new JsonError(key, places, this.text, place);
  }

  space() {
    const pattern = this.literal ? /(?:[ \t\n\r]|#[^\n]*)*/y : /[ \t\n\r]*/y;
    this.place += matchAt(pattern, this.text, this.place)[0].length;
    return this.text[this.place];
  }

  whole() {
    this.space();
    const value = this.value();
    if (this.space() !== undefined) this.fail("extra-data");
    return value;
  }

  value() {
    const sign = this.text[this.place];
    if (sign === '"' || (this.literal && sign === "'")) return this.string();
    if (sign === "[" || sign === "{" || (this.literal && sign === "(")) {
      if (++this.depth > DEEPEST_JSON) this.fail("nested-too-deeply");
      const value = sign === "{" ? this.object() : this.list(sign === "(" ? ")" : "]");
      this.depth--;
      return value;
    }
    const word = matchAt(/-?Infinity|[A-Za-z]+/y, this.text, this.place)?.[0];
    const words = this.literal ? { None: null, True: true, False: false } : {
      null: null, true: true, false: false, NaN: "NaN", Infinity: "Infinity", "-Infinity": "-Infinity",
    };
    if (word !== undefined && Object.hasOwn(words, word)) {
      this.place += word.length;
      return words[word];
    }
    const number = matchAt(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y, this.text, this.place)?.[0];
    if (number === undefined) this.fail("expecting-value");
    if (/^-?\d{4301,}$/.test(number)) this.fail("too-many-digits");
    this.place += number.length;
    return new NumberInJson(number);
  }

  list(closing) {
    const items = [];
    this.place++;
    let commas = 0;
    while (this.space() !== closing || (items.length && !this.literal)) {
      items.push(this.value());
      const sign = this.space();
      if (sign === ",") commas++;
      else if (sign === closing) break;
      else this.fail("expecting-delimiter", this.place, { sign: "," });
      this.place++;
    }
    this.place++;
    if (closing === ")" && items.length === 1 && !commas) return items[0];
    if (closing === ")" && this.depth > 1) this.fail("tuple-in-list");
    return items;
  }

  object() {
    const made = new Map();
    this.place++;
    while (this.space() !== "}" || (made.size && !this.literal)) {
      if (this.text[this.place] !== '"' && !(this.literal && this.text[this.place] === "'")) {
        this.fail("expecting-key");
      }
      const key = this.string();
      if (this.space() !== ":") this.fail("expecting-delimiter", this.place, { sign: ":" });
      this.place++;
      this.space();
      const value = this.value(), before = made.get(key);
      if (this.literal || !made.has(key)) made.set(key, value);
      else if (Array.isArray(before) && Array.isArray(value)) made.set(key, [...before, ...value]);
      else throw new TwiceInJson(key);
      const sign = this.space();
      if (sign === "}") break;
      if (sign !== ",") this.fail("expecting-delimiter", this.place, { sign: "," });
      this.place++;
    }
    this.place++;
    return made;
  }

  string() {
    const start = this.place, quote = this.text[start], { text } = this;
    const run = quote === '"' ? /[^"\\\x00-\x1f]*/y : /[^'\\\x00-\x1f]*/y;
    let value = "";
    this.place++;
    for (;;) {
      const found = matchAt(run, text, this.place)[0];
      value += found;
      this.place += found.length;
      const sign = text[this.place];
      if (sign === undefined) this.fail("unterminated-string", start);
      this.place++;
      if (sign === quote) return value;
      if (sign === "\\") value += this.escape(quote);
      else if (this.literal && sign !== "\n") value += sign;
      else this.fail("control-in-string", this.place - 1);
    }
  }

  escape() {
    const sign = this.text[this.place++];
    const short = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
    if (this.literal) Object.assign(short, { "/": "\\/", "'": "'", a: "\x07", v: "\x0b", "\n": "" });
    if (Object.hasOwn(short, sign ?? "")) return short[sign];
    const digits = { u: 4, ...(this.literal ? { x: 2, U: 8 } : {}) }[sign];
    if (digits) {
      const hex = this.text.slice(this.place, this.place + digits);
      if (hex.length < digits || !/^[0-9A-Fa-f]+$/.test(hex)) this.fail("invalid-escape", this.place, { sign: `\\${sign}` });
      this.place += digits;
      if (digits < 8) return String.fromCharCode(parseInt(hex, 16));
      if (parseInt(hex, 16) > 0x10ffff) this.fail("invalid-escape-of-8");
      return String.fromCodePoint(parseInt(hex, 16));
    }
    if (!this.literal || sign === undefined || /[0-7N]/.test(sign)) this.fail("invalid-backslash", this.place - 2);
    return `\\${sign}`;
  }
}

// An object has a key twice.
class TwiceInJson extends Error {}

// What is in JSON, JSON lines, or a list of Python or JavaScript: a list of names, or a table.
function readJson(text, source, skipBadLines) {
  const { value, leftOut } = parsedJson(text, source, skipBadLines);
  const found = value instanceof Map ? jsonObject(value, source) : jsonList(value, source);
  if (leftOut) found.notes.push(found.rows ? leftOut : `${source}: ${leftOut}`);
  return found;
}

// The value, and what there is to say of lines that were left out.
function parsedJson(text, source, skipBadLines) {
  const whole = text, begins = commentsEnd(text);
  text = unassigned("\n".repeat(timesIn(text.slice(0, begins), "\n")) + text.slice(begins));
  const twice = (error) => {
    if (!(error instanceof TwiceInJson)) return;
    throw refusalOf("key-twice", { source, key: onOneLine(error.message, KEY_SHOWN) });
  };
  let first;
  try {
    return { value: new JsonParser(text).whole(), leftOut: "" };
  } catch (error) {
    twice(error);
    if (!(error instanceof JsonError)) throw error;
    first = error;
  }
  if (first.key === "too-many-digits") throw refusalOf("json-of-digits", { source });
  if (first.key === "nested-too-deeply") throw refusalOf("json-too-deep", { source });
  const strings = stringsOfProgram(whole);
  if (strings) return { value: strings, leftOut: "" };
  const lines = [...text.split("\n").entries()].filter(([, line]) => line.trim()), values = [];
  let broken = 0, place = [first.line, first.column, first.said];
  for (const [number, line] of lines) {
    try {
      values.push(new JsonParser(line.trim().replace(/,$/, "")).whole());
    } catch (error) {
      twice(error);
      if (!(error instanceof JsonError)) throw error;
      broken++;
      if (values.length && broken === 1) place = [number + 1, error.column, error.said];
      if (broken > values.length) break;
    }
  }
  if (lines.length > 1 && (!broken || (skipBadLines && broken < values.length))) {
    return { value: values, leftOut: broken ? textOf("no-json-left-out", { n: broken }) : "" };
  }
  if (text.length <= MOST_LITERAL && !text.includes("\0")) {
    const keyed = text.trim().replace(BARE_KEY, (all, string, before, key) => string ?? `${before}"${key}":`);
    try {
      const value = new JsonParser(keyed, true).whole();
      if (Array.isArray(value) || value instanceof Map) return { value, leftOut: "" };
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
  }
  const skip = broken && broken < values.length ? say("or-leave-lines") : "", [line, column, why] = place;
  throw refusalOf("broken-json", { source, line, column, why, skip });
}

const isMap = (value) => value instanceof Map;
const isMapOrList = (value) => isMap(value) || Array.isArray(value);

function jsonObject(value, source) {
  const inner = [...value.values()].filter(isMap), { size } = value;
  if (inner.length === 1 && ![...value.values()].some(Array.isArray)) {
    const inside = [...inner[0].values()];
    const lists = (item) => isMap(item) && [...item.values()].some(Array.isArray);
    if (inside.some(Array.isArray) || (size === 1 && inside.some(lists))) return jsonObject(inner[0], source);
  }
  const countsUp = (item) => item.size > 1 && [...item.keys()].every((key, place) => key === String(place));
  const columns = inner.length === size && size > 1 && inner.every(countsUp) && new Set(inner.map((item) => item.size)).size === 1;
  if (columns) value = new Map([...value].map(([key, item]) => [key, [...item.values()]])); // as pandas writes them
  const lists = new Map([...value].filter(([, item]) => Array.isArray(item) && item.length));
  const keys = [...lists.keys()], others = [...value.keys()].filter((key) => !lists.has(key));
  const leftOut = others.length ? textOf("others-left-out", { others: fewOf(others) }) : "";
  if (lists.size === 1) {
    return jsonList(lists.get(keys[0]), source, textOf("json-its-list", { key: onOneLine(keys[0], KEY_SHOWN), leftOut }));
  }
  if (lists.size && (columns || areJsonColumns(lists))) {
    const rows = lists.get(keys[0]).map((_, place) => new Map(keys.map((key) => [key, lists.get(key)[place]])));
    return jsonTable(rows, source);
  }
  if (lists.size) {
    const names = listOf([], { labels: [] });
    for (const [key, items] of lists) {
      const part = jsonList(items, source);
      if (part.rows) throw unclearJson(source, "object-of-lists", { keys: fewOf(keys) });
      names.names = names.names.concat(part.names);
      names.labels = names.labels.concat(part.names.map(() => key.trim() || "-"));
      names.notes.push(...part.notes.slice(1));
    }
    names.notes.unshift(`${source}: ${textOf("json-labels", { keys: fewOf(keys), leftOut })}`);
    return names;
  }
  if (size && ![...value.values()].some(isMapOrList)) {
    return tableOf(source, [...value].map(([key, item], place) => [place + 1, [jsonField(key), jsonField(item)]]), false, "\t");
  }
  const onlyLists = (item) => item.size > 0 &&
    [...item.values()].every((each) => Array.isArray(each) && each.every((one) => typeof one === "string"));
  if (size && inner.length === size && inner.every(onlyLists)) {
    const joint = [...value].flatMap(([key, item]) => [...item].map(([each, items]) => [`${key}/${each}`, items]));
    return jsonObject(new Map(joint), source);
  }
  if (size && inner.length === size && inner.every((item) => item.size && ![...item.values()].some(isMap))) {
    return jsonTable([...value].map(([key, item]) => new Map([["key", key], ...item])), source);
  }
  throw unclearJson(source, "object-without-list");
}

// Whether lists are the columns of a table: they are of one length, and one is called so, or is of numbers.
function areJsonColumns(lists) {
  const columns = [...lists.values()];
  if (new Set(columns.map((items) => items.length)).size > 1 || columns.some((items) => items.some(isMapOrList))) return false;
  const strings = columns.map((items) => items.every((each) => each === null || typeof each === "string"));
  const called = [...lists.keys()].some((key) => NAME_COLUMNS.includes(key.trim().toLowerCase()));
  return called || (strings.some(Boolean) && !strings.every(Boolean));
}

function jsonList(items, source, what = textOf("json-list")) {
  const filled = items.filter((item) => item !== null && !(typeof item === "string" && !item.trim()));
  if (filled.length && filled.every((item) => typeof item === "string")) {
    return listOf(filled.map(oneLineOf), { blank: items.length - filled.length, notes: [`${source}: ${what}`] });
  }
  if (filled.length && filled.every(isMap)) return jsonTable(filled, source);
  if (filled.length && filled.every(Array.isArray)) {
    if (filled.some((item) => item.some(isMapOrList))) throw unclearJson(source, "lists-with-lists");
    return tableOf(source, filled.map((item, place) => [place + 1, item.map(jsonField)]));
  }
  const kindOfValue = (item) => {
    if (isMap(item)) return ["dict", "json-objects"];
    if (Array.isArray(item)) return ["list", "json-lists"];
    if (typeof item === "string") return ["str", "json-strings"];
    if (typeof item === "boolean") return ["bool", "json-booleans"];
    return [/^-?\d+$/.test(item.text) ? "int" : "float", "json-numbers"];
  };
  const kinds = new Map(filled.map(kindOfValue).sort(([a], [b]) => (a < b ? -1 : 1)));
  const found = [...new Set(kinds.values())].map((kind) => textOf(kind)).join(textOf("and"));
  throw unclearJson(source, found ? "list-of-kinds" : "empty-json", { found });
}

// The table of objects: a column for each key, and for those of objects in them. The header is its first row.
function jsonTable(items, source) {
  let flat = items.map((item) => ([...item.values()].some(isMap) ? flatObject(item) : item));
  const keysOf = (objects) => [...new Set(objects.flatMap((item) => [...item.keys()]))];
  let keys = keysOf(flat);
  if (keys.length > MOST_KEYS) [flat, keys] = [items, keysOf(items)];
  if (keys.length > MOST_KEYS) throw unclearJson(source, "many-keys", { count: keys.length });
  const header = [0, keys.map((key) => key.trim())];
  const rows = flat.map((item, place) => [place + 1, keys.map((key) => jsonField(item.get(key) ?? null))]);
  return tableOf(source, [header, ...rows], true);
}

// An object without objects in it: {"name": {"first": "Anna"}} has the key `name.first`.
function flatObject(item, depth = 0) {
  const flat = new Map();
  for (const [key, value] of item) {
    if (!isMap(value) || depth >= DEEPEST_KEYS) flat.set(key, value);
    else for (const [inner, each] of flatObject(value, depth + 1)) flat.set(`${key}.${inner}`, each);
  }
  return flat;
}

// A field of a table: of what is no scalar, nothing.
function jsonField(value) {
  if (value === null || isMapOrList(value)) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? oneLineOf(value) : value.text;
}

const oneLineOf = (text) => text.replaceAll("\n", " ").trim();

function unclearJson(source, key, places) {
  return refusalOf("unclear-json", { source, what: say(key, places) });
}
