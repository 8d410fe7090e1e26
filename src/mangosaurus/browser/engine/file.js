// The model file, as formats/native/__init__.py describes it: a .safetensors file, read into typed arrays. Of every array, the
// first bytes of all numbers stand together, then the second ones, and so on: webpage.py says why.

// Arrays of 64-bit integers become numbers: none of them is beyond 2^53 but the hashes, which stay whole. Those of 16-bit
// floating point are read as their bits first: not all browsers have such arrays.
const READERS = {
  F16: Uint16Array, F32: Float32Array, F64: Float64Array, U8: Uint8Array, U16: Uint16Array,
  U32: Uint32Array, I8: Int8Array, I16: Int16Array, I32: Int32Array, U64: BigUint64Array, I64: BigInt64Array,
};

function readFile(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const entries = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const arrays = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (name === "__metadata__") continue;
    const [first, last] = entry.data_offsets;
    const planes = bytes.subarray(8 + size + first, 8 + size + last);
    const width = READERS[entry.dtype].BYTES_PER_ELEMENT, count = planes.length / width;
    const read = new READERS[entry.dtype](count), numbers = new Uint8Array(read.buffer);
    for (let byte = 0; byte < width; byte += 1) {
      for (let place = 0; place < count; place += 1) numbers[place * width + byte] = planes[byte * count + place];
    }
    const whole = name === "known" || !/64$/.test(entry.dtype) || entry.dtype === "F64";
    let data = whole ? read : Float64Array.from(read, Number);
    if (entry.dtype === "F16") data = Float32Array.from(read, fromHalf);
    arrays[name] = { data, shape: entry.shape };
  }
  multiplyByScales(arrays);
  const { mangosaurus: header, ...metadata } = entries.__metadata__;
  return { header: header && JSON.parse(header), metadata, arrays };
}

// The number that the 16 bits of a finite float16 mean.
function fromHalf(bits) {
  const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return exponent ? sign * (1024 + fraction) * 2 ** (exponent - 25) : sign * fraction * 2 ** -24;
}

// Matrices in 8 bits, each with a scale for every column, become float32: formats/native/weights.py.
function multiplyByScales(arrays) {
  for (const name of Object.keys(arrays)) {
    const scales = arrays[name + SCALE]?.data;
    if (!scales) continue;
    const numbers = Float32Array.from(arrays[name].data);
    arrays[name].data = numbers.map((each, place) => each * scales[place % scales.length]);
  }
}

// Those arrays whose names begin with `prefix`, by the rest of their names.
function within(arrays, prefix) {
  const found = {};
  for (const [name, array] of Object.entries(arrays)) {
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = array;
  }
  return found;
}

const MOST_SHOWN = 80;

// Symbols to ids and back: core/vocabulary.py, and core/segmentation.py where a symbol may have several characters.
class Vocabulary {
  constructor(characters, { separator = "", inventory = [], clusters = false, join = separator } = {}, unit = "character") {
    this.characters = Array.from(characters);  // by code point, not by UTF-16 unit
    this.ids = new Map(this.characters.map((character, place) => [character, place + 1]));
    this.size = this.characters.length + 1;
    Object.assign(this, { separator, join, unit, clusters, inventory: new Set(inventory), lengths: new Map() });
    for (const entry of inventory.map((each) => Array.from(each))) {
      const known = this.lengths.get(entry[0]) ?? [];
      this.lengths.set(entry[0], [...new Set([...known, entry.length])].sort((one, other) => other - one));
    }
  }

  // So many symbols in words.
  counted(count) {
    return textOf(`n-${this.unit}s`, { n: count });
  }

  // The symbols in one line.
  summary() {
    const { characters } = this, between = isPlain(this) ? "" : " ";
    return `${this.counted(characters.length)}: ${characters.slice(0, MOST_SHOWN).join(between)}${characters.length > MOST_SHOWN ? "…" : ""}`;
  }

  encode(text) {
    return this.split(text).map((symbol) => {
      const id = this.ids.get(symbol);
      if (id === undefined) throw this.unknown(symbol);
      return id;
    });
  }

  unknown(symbol) {
    return new Refusal("never-seen-it-knows", { unit: say(this.unit), symbol: quoted(symbol), known: this.summary() });
  }

  // The symbols of a text.
  split(text) {
    if (this.separator) {
      const mark = this.separator.trim() || this.separator;
      const lines = text.split("\n").map((line) => line.split(mark).map((token) => token.trim()).filter(Boolean));
      return lines.flatMap((tokens, place) => (place ? ["\n", ...tokens] : tokens));
    }
    const letters = Array.from(text), found = [];
    for (let place = 0; place < letters.length;) {
      const lengths = this.lengths.get(letters[place]) ?? [];
      const fits = (length) => this.inventory.has(letters.slice(place, place + length).join(""));
      const length = lengths.find(fits) ?? 1;
      found.push(letters.slice(place, place + length).join(""));
      place += length;
    }
    return found;
  }

  // That of other texts, cut in the same way.
  of(texts) {
    const symbols = [...new Set(texts.flatMap((text) => this.split(text)))].sort(byCodePoints);
    return new Vocabulary(symbols, { ...this, inventory: [...this.inventory] }, this.unit);
  }

  // A text as it is read again.
  decode(ids) {
    return together(ids.map((id) => this.characters[id - 1]), this.separator);
  }

  // A text as it is shown.
  shown(text) {
    return this.join === this.separator ? text : together(this.split(text), this.join);
  }

  // What is shown between two symbols; before the first there is none, "".
  between(before, after) {
    return before === "" || before === "\n" || after === "\n" ? "" : this.join;
  }
}

// Symbols with something between them, but not beside a line break.
function together(symbols, between) {
  if (!between) return symbols.join("");
  return symbols.map((symbol, place) => (
    place && symbol !== "\n" && symbols[place - 1] !== "\n" ? between + symbol : symbol)).join("");
}

// `text` with every character that is not among `known` as one that may stand for it, where there is one: core/folding.py.
function folding(text, known) {
  return Array.from(text, (character) => {
    if (known.has(character)) return character;
    const plain = character.normalize("NFKD").replace(/\p{Mn}/gu, "");
    const candidates = [
      character.toLowerCase(), character.toUpperCase().toLowerCase(), character.toUpperCase(),
      ...ALIKE.filter((group) => group.includes(character)).join(""),
      plain, plain.toLowerCase(), plain.toUpperCase(),
    ];
    return candidates.find((each) => each && Array.from(each).every((part) => known.has(part))) ?? character;
  }).join("");
}

// The same of a text whose symbols may have several characters: only those of one are folded.
function foldingSymbols(text, vocabulary) {
  if (!vocabulary.separator && !vocabulary.inventory.size) return folding(text, vocabulary.ids);
  return together(vocabulary.split(text).map((symbol) => {
    const folded = Array.from(symbol).length > 1 ? symbol : folding(symbol, vocabulary.ids);
    return vocabulary.ids.has(folded) ? folded : symbol;
  }), vocabulary.separator);
}
