// The prior of names for lists of any vocabulary: models/prior.py. It reads names; a list vector tells it their kind.

const UNKNOWN = 1, MOST_READ = 2000, LONGEST_READ = 60, VOCABULARIES = 4;

class PriorOfNames {
  // `file` is what readFile finds in the prior's bytes.
  constructor({ metadata, arrays }) {
    Object.assign(this, { arrays, memory: new Memory(), matrices: {}, networks: new Map() });
    this.vocabulary = new Vocabulary(metadata.characters);
    this.heads = arrays["scores.bias"].data.length;
    this.width = arrays["second.bias"].data.length;
  }

  // The prior's id of each symbol of a vocabulary, END first.
  ids(vocabulary) {
    const known = this.vocabulary.ids;
    return Int32Array.from([END, ...vocabulary.characters.map((symbol) => known.get(symbol) + 1 || UNKNOWN)]);
  }

  matrix(name) {
    const { data, shape: [inner, columns] } = this.arrays[name];
    return this.matrices[name] ??= new Matrix(this.memory, data, inner, columns);
  }

  // `rows` times the array of this name, plus a bias.
  times(rows, name, bias = name + ".bias") {
    const matrix = this.matrix(name), sums = repeated(this.arrays[bias].data, rows.length / matrix.inner);
    matrix.addTo(sums, rows);
    return sums;
  }

  // The embedding of each symbol, (symbols, width).
  embedding(vocabulary) {
    const { data, shape: [, width] } = this.arrays.embedding, ids = this.ids(vocabulary);
    const found = new Float32Array(ids.length * width);
    ids.forEach((id, place) => found.set(data.subarray(id * width, (id + 1) * width), place * width));
    return found;
  }

  // What each document gives to the list vector, (documents, heads + heads x value): {data, width}.
  contributions(documents, vocabulary) {
    const { heads } = this, last = this.encoded(documents, vocabulary);
    const weights = this.times(last, "scores").map((score) => Math.exp(5 * Math.tanh(score / 5)));
    const values = this.times(last, "values"), value = this.arrays.values.shape[1] / heads;
    const width = heads + heads * value;
    const found = new Float32Array(documents.length * width);
    for (let place = 0; place < weights.length; place++) {
      const row = Math.floor(place / heads), head = place % heads;
      found[row * width + head] = weights[place];
      for (let each = 0; each < value; each++) {
        found[row * width + heads + head * value + each] = weights[place] * values[place * value + each];
      }
    }
    return { data: found, width };
  }

  // The encoder's state after each document and END, (documents, its units).
  encoded(documents, vocabulary) {
    const read = documents.map((document) => document.slice(0, LONGEST_READ));
    const recurrent = this.matrix("encoder.recurrent");
    const table = this.times(this.embedding(vocabulary), "encoder.input", "encoder.bias");
    const hidden = recurrent.inner, gates = 4 * hidden, last = new Float32Array(read.length * hidden);
    const order = read.map((_, place) => place).sort((one, other) => read[other].length - read[one].length);
    for (let first = 0; first < order.length; first += READ_AT_ONCE) {
      let rows = order.slice(first, first + READ_AT_ONCE);
      let h = new Float32Array(rows.length * hidden), c = h;
      for (let t = 0; rows.length; t++) {
        const z = new Float32Array(rows.length * gates);
        rows.forEach((row, place) => {
          const symbol = t < read[row].length ? read[row][t] : END;
          z.set(table.subarray(symbol * gates, (symbol + 1) * gates), place * gates);
        });
        recurrent.addTo(z, h.subarray(0, rows.length * hidden));
        [h, c] = lstmStep(z, c.subarray(0, rows.length * hidden), hidden);
        const reading = rows.filter((row) => read[row].length > t);  // the longest come first
        for (let place = reading.length; place < rows.length; place++) {
          last.set(h.subarray(place * hidden, (place + 1) * hidden), rows[place] * hidden);
        }
        rows = reading;
      }
    }
    return last;
  }

  // The list vector of the sum of the contributions of so many names.
  vector(total, names) {
    const { heads } = this, pooled = total.length - heads, read = new Float32Array(pooled + 1);
    for (let place = 0; place < pooled; place++) read[place] = total[heads + place] / total[Math.floor(place * heads / pooled)];
    read[pooled] = Math.log(names) / 4;
    return this.times(this.times(read, "first").map((sum) => Math.max(sum, 0)), "second").map(Math.tanh);
  }

  // The prior for the symbols of a vocabulary, given list vectors, (lists, width).
  network(vocabulary, vectors) {
    const { embedding, shared, network } = this.forSymbols(vocabulary), lists = vectors.length / this.width;
    const gates = new Float32Array(lists * network.hidden * 4);
    this.matrix("decoder.vector").addTo(gates, vectors);
    const shift = this.times(vectors, "shift"), width = shift.length / lists, { symbols } = network;
    const outputBias = new Float32Array(lists * symbols);
    for (let list = 0; list < lists; list++) {
      for (let symbol = 0; symbol < symbols; symbol++) {
        let sum = 0;
        for (let place = 0; place < width; place++) {
          sum += shift[list * width + place] * embedding[symbol * width + place];
        }
        outputBias[list * symbols + symbol] = sum + shared[symbol];
      }
    }
    return network.given({ vectors, gates, scale: this.times(vectors, "scale").map((sum) => 1 + sum), outputBias });
  }

  // The weights of a mixture with an n-gram of this order that suited other lists, (order + 3, 2).
  usualWeights(order) {
    const { data } = this.arrays["usual.weights"], lengths = data.length / 2 - 3;
    const rows = [...Array(order).keys()].map((length) => Math.min(length, lengths - 1));
    return Float64Array.from([...rows, lengths, lengths + 1, lengths + 2].flatMap((row) => [data[2 * row], data[2 * row + 1]]));
  }

  // What depends on the vocabulary alone. That of the latest few is kept.
  forSymbols(vocabulary) {
    const key = vocabulary.characters.join("\0");
    let found = this.networks.get(key);
    if (found) return found;
    const embedding = this.embedding(vocabulary), ids = this.ids(vocabulary), symbols = ids.length;
    const { shape: [hidden, width] } = this.arrays.projection, turned = new Float32Array(embedding.length);
    for (let symbol = 0; symbol < symbols; symbol++) {
      for (let place = 0; place < width; place++) turned[place * symbols + symbol] = embedding[symbol * width + place];
    }
    const output = new Float32Array(hidden * symbols), memory = new Memory();
    new Matrix(memory, turned, width, symbols).addTo(output, this.arrays.projection.data);
    // Characters that the prior does not know have the same logit; together they get that of one symbol.
    const unknown = Math.log(Math.max(1, ids.filter((id) => id === UNKNOWN).length));
    const shared = Float32Array.from(ids, (id) => this.arrays.bias.data[id] - (id === UNKNOWN ? unknown : 0));
    const table = this.times(embedding, "decoder.input", "decoder.bias").map(rounded), rows = output.map(rounded);
    const network = new Prior(memory, {
      recurrent: this.arrays["decoder.recurrent"],
      table: { data: table },
      output: { data: rows },
      gates: {},
      scale: {},
      output_bias: {},
    }, symbols);
    found = { embedding, shared, network, table, output: rows };
    this.networks.set(key, found);
    if (this.networks.size > VOCABULARIES) this.networks.delete(this.networks.keys().next().value);
    return found;
  }
}

// The number as float16 holds it: core/arrays.py.
function rounded(number) {
  const size = Math.min(Math.abs(number), 65504), unit = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  const whole = (size / unit + 2 ** 52) - 2 ** 52;  // to the nearest one, of two to the even one
  return Math.sign(number) * whole * unit;
}

// The different ones of documents, sorted by the bytes of their ids as Python keeps them; of more than `most`, evenly
// spaced ones.
function namesRead(documents, most = MOST_READ) {
  const names = [...new Map(documents.map((document) => [document.join(), document])).values()].sort(byBytes);
  const count = Math.min(names.length, most), step = count > 1 ? (names.length - 1) / (count - 1) : 0;
  const places = Array.from({ length: count }, (_, place) => Math.floor(place * step));
  if (count > 1) places[count - 1] = names.length - 1;
  return places.map((place) => names[place]);
}

function byBytes(one, other) {
  for (let place = 0; place < Math.min(one.length, other.length); place++) {
    if (one[place] !== other[place]) return bytesOf(one[place]) - bytesOf(other[place]);
  }
  return one.length - other.length;
}

// The lowest byte first, as a number that sorts alike.
function bytesOf(id) {
  return (id & 255) * 65536 + (id & 65280) + (id >> 16);
}
