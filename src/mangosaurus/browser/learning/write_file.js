// The model file of a mixture of an n-gram and the prior, or of labels: formats/native/__init__.py says what it holds.

const FORMAT = 4;
const ARRAY_TYPES = [
  [Float32Array, "F32", "<f4"], [Float64Array, "F64", "<f8"], [BigUint64Array, "U64", "<u8"], [Int8Array, "I8", "|i1"],
  [Uint8Array, "U8", "|u1"], [Uint16Array, "U16", "<u2"], [Uint32Array, "U32", "<u4"],
];
const HALF = [Uint16Array, "F16", "<f2"];

// The bytes of a model file. `header` lacks the format; `arrays` have a shape, and `half` where their bits are float16's.
function fileOf(header, arrays) {
  const entry = jsonOf({ ...header, format: FORMAT }), encoder = new TextEncoder();
  const names = Object.keys(arrays).sort(), bytesOf = {}, parts = [encoder.encode(entry)];
  for (const name of names) {
    const { data, shape } = arrays[name], [, , dtype] = typeOf(arrays[name]);
    bytesOf[name] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    parts.push(encoder.encode(`\n${name} ${dtype} (${shape.join(", ")}${shape.length === 1 ? "," : ""})\n`), bytesOf[name]);
  }
  // The widest numbers come first, so that all are aligned.
  const ordered = names.slice().sort((one, other) => arrays[other].data.BYTES_PER_ELEMENT - arrays[one].data.BYTES_PER_ELEMENT);
  const entries = { __metadata__: { checksum: sha256(parts), mangosaurus: entry } };
  let end = 0;
  for (const name of ordered) {
    const [, dtype] = typeOf(arrays[name]), { shape } = arrays[name];
    entries[name] = { dtype, shape, data_offsets: [end, end += bytesOf[name].length] };
  }
  const head = encoder.encode(JSON.stringify(entries)), padded = 8 * Math.ceil(head.length / 8);
  const file = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(head, 8);
  ordered.forEach((name) => file.set(bytesOf[name], 8 + padded + entries[name].data_offsets[0]));
  return file;
}

const typeOf = ({ data, half }) => (half ? HALF : ARRAY_TYPES.find(([kind]) => data instanceof kind));

// JSON in which the training's shares are fractions, as Python reads them: 1.0 and not 1.
function jsonOf({ training: { shares, ...training }, ...header }) {
  const fraction = (number) => (Number.isInteger(number) ? number.toFixed(1) : String(number));
  const parts = Object.entries(shares ?? {}).map(([name, share]) => `${JSON.stringify(name)}: ${fraction(share)}`);
  const record = JSON.stringify(training), withShares = shares ? `${record.slice(0, -1)}, "shares": {${parts.join(", ")}}}` : record;
  return `${JSON.stringify(header).slice(0, -1)}, "training": ${withShares}}`;
}

// Whole numbers, none negative, in the narrowest type that holds them all.
function smallestUnsigned(numbers) {
  const most = numbers.reduce((largest, number) => Math.max(largest, number), 0);
  return (most < 2 ** 8 ? Uint8Array : most < 2 ** 16 ? Uint16Array : Uint32Array).from(numbers);
}

const flat = (data) => ({ data, shape: [data.length] });

function ngramArrays(counts, prefix = "ngram.") {
  return Object.fromEntries(Object.entries(counts).map(([name, { data }]) => [prefix + name, flat(smallestUnsigned(data))]));
}

// The arrays of the n-grams of labels, which lie joined; `own` has the counts of each.
function labelArrays(own) {
  const names = ["suffix", "oldest", "degree", "symbol", "target", "count"];
  const levels = own.flatMap((counts) => [...counts.levels.data]), arrays = { "labels.levels": {
    data: smallestUnsigned(levels), shape: [own.length, levels.length / own.length],
  } };
  for (const name of names) arrays[`labels.${name}`] = flat(smallestUnsigned(concatenated(own.map((counts) => counts[name].data))));
  return arrays;
}

// The arrays of the prior for a vocabulary and its lists: `made` is what PriorOfNames.network returns.
function priorArrays(prior, vocabulary, made) {
  const { table, output } = prior.forSymbols(vocabulary), symbols = vocabulary.size, { hidden } = made;
  const recurrent = prior.arrays["decoder.recurrent"], scales = prior.arrays["decoder.recurrent" + SCALE].data;
  const lists = made.scale.length / hidden;
  return {
    "prior.table": { data: Uint16Array.from(table, halfBits), shape: [symbols, 4 * hidden], half: true },
    "prior.recurrent": { data: Int8Array.from(recurrent.data, (each, cell) => each / scales[cell % scales.length]), shape: recurrent.shape },
    "prior.recurrent.scale": flat(scales),
    "prior.output": { data: Uint16Array.from(output, halfBits), shape: [hidden, symbols], half: true },
    "prior.vectors": { data: made.vectors, shape: [lists, prior.width] },
    "prior.gates": { data: made.gates, shape: [lists, 4 * hidden] },
    "prior.scale": { data: made.scale, shape: [lists, hidden] },
    "prior.output_bias": { data: made.outputBias, shape: [lists, symbols] },
  };
}

// The bits of a number that float16 holds exactly.
function halfBits(number) {
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0, size = Math.abs(number);
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  const least = 2 ** exponent > size ? exponent - 1 : 2 ** (exponent + 1) <= size ? exponent + 1 : exponent;
  return sign | ((least + 15) << 10) | (size / 2 ** (least - 10) - 1024);
}

// The first bytes of an array's numbers together, then the second ones, and so on, as engine/file.js reads them.
function inPlanes(file) {
  const size = 8 + Number(new DataView(file.buffer).getBigUint64(0, true)), found = file.slice();
  const entries = JSON.parse(new TextDecoder().decode(file.subarray(8, size)));
  for (const [name, entry] of Object.entries(entries)) {
    const count = name === "__metadata__" ? 0 : entry.shape.reduce((product, each) => product * each, 1);
    if (!count) continue;
    const [first, last] = entry.data_offsets, width = (last - first) / count;
    for (let place = 0; place < count; place++) {
      for (let byte = 0; byte < width; byte++) found[size + first + byte * count + place] = file[size + first + place * width + byte];
    }
  }
  return found;
}
