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
  return { header: JSON.parse(entries.__metadata__.mangosaurus), arrays };
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

// Characters to ids and back: core/vocabulary.py.
class Vocabulary {
  constructor(characters) {
    this.characters = Array.from(characters);  // by code point, not by UTF-16 unit
    this.ids = new Map(this.characters.map((character, place) => [character, place + 1]));
    this.size = this.characters.length + 1;
  }

  encode(text) {
    return Array.from(text, (character) => {
      const id = this.ids.get(character);
      if (id === undefined) throw new Refusal(`this model has never seen the character “${character}”`);
      return id;
    });
  }

  decode(ids) {
    return ids.map((id) => this.characters[id - 1]).join("");
  }
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

// An error whose message, a sentence, is the answer.
class Refusal extends Error {}
