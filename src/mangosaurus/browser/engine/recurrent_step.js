// RNN, GRU and LSTM: models/recurrent.py has the formulas. Weights and states are float32, as there.

// tanh by cubic interpolation between values 1/128 apart, right to 1e-10: Math.tanh takes many times as long.
const STEPS = 128, OUTERMOST = 10;
const TANH = Float64Array.from({ length: 2 * OUTERMOST * STEPS + 2 }, (_, place) => Math.tanh(place / STEPS - OUTERMOST));

function tanh(x) {
  if (x >= OUTERMOST) return 1;
  if (!(x > -OUTERMOST)) return -1;
  const along = (x + OUTERMOST) * STEPS, place = along | 0, u = along - place;
  const y = TANH[place], z = TANH[place + 1];
  const dy = (1 - y * y) / STEPS, dz = (1 - z * z) / STEPS, slope = z - y;
  return y + u * (dy + u * (3 * slope - 2 * dy - dz + u * (dy + dz - 2 * slope)));
}

function logistic(x) {
  return (1 + tanh(x / 2)) / 2;
}

class Recurrent {
  constructor(memory, cell, arrays, symbols) {
    const [hidden] = arrays.output.shape, [read, width] = arrays.embedding.shape, gates = GATES[cell] * hidden;
    Object.assign(this, { cell, hidden, symbols, gates });
    this.output = new Matrix(memory, arrays.output.data, hidden, symbols);
    this.outputBias = arrays.output_bias.data;
    this.layers = [];
    for (let number = 0; `layer${number}.input` in arrays; number++) {
      const layer = within(arrays, `layer${number}.`);
      // The reset gate of a GRU multiplies the bias of the candidate along with the product.
      const apart = layer.recurrent_bias.data.slice(-hidden);
      const bias = layer.input_bias.data.map((each, place) =>
        cell === "gru" && place >= 2 * hidden ? each : each + layer.recurrent_bias.data[place]);
      this.layers.push({
        bias,
        apart,
        input: new Matrix(memory, layer.input.data, number ? hidden : width, gates),
        recurrent: new Matrix(memory, layer.recurrent.data, hidden, gates),
      });
    }
    // The first layer's input is one of few vectors: its product is looked up.
    this.table = repeated(this.layers[0].bias, read);
    this.layers[0].input.addTo(this.table, arrays.embedding.data);
  }

  start(batch) {
    return this.startWith(new Array(batch).fill(END));
  }

  // The same after other rows of the embedding than END's, such as labels.
  startWith(first) {
    const arrays = this.layers.length * (this.cell === "lstm" ? 2 : 1);
    const zeros = Array.from({ length: arrays }, () => (
      { data: new Float32Array(first.length * this.hidden), width: this.hidden }));
    return this.advance(zeros, first);
  }

  // log p of the next symbol plus a constant in each row: Float32Array, (batch, symbols).
  logits(state) {
    const logits = repeated(this.outputBias, rowsOf(state));
    this.output.addTo(logits, state[this.layers.length - 1].data);
    return logits;
  }

  advance(state, symbols) {
    const batch = symbols.length, depth = this.layers.length, { gates } = this;
    const hidden = state.slice(0, depth).map((array) => array.data);
    const cells = state.slice(depth).map((array) => array.data);
    this.layers.forEach((layer, level) => {
      let z;
      if (level === 0) {
        z = new Float32Array(batch * gates);
        for (let row = 0; row < batch; row++) {
          z.set(this.table.subarray(symbols[row] * gates, (symbols[row] + 1) * gates), row * gates);
        }
      } else {
        z = repeated(layer.bias, batch);
        layer.input.addTo(z, hidden[level - 1]);
      }
      if (this.cell === "gru") {
        const u = new Float32Array(batch * gates);
        layer.recurrent.addTo(u, hidden[level]);
        hidden[level] = gruStep(z, u, hidden[level], layer.apart);
      } else {
        layer.recurrent.addTo(z, hidden[level]);
        if (this.cell === "rnn") hidden[level] = z.map(tanh);
        else [hidden[level], cells[level]] = lstmStep(z, cells[level], this.hidden);
      }
    });
    return [...hidden, ...cells].map((data) => ({ data, width: this.hidden }));
  }
}

// r, q, n = s(z_r + u_r), s(z_q + u_q), tanh(z_n + r u_n);  h' = (1 - q) n + q h
function gruStep(z, u, h, apart) {
  const size = apart.length, after = new Float32Array(h.length);
  for (let place = 0, row = 0; place < h.length; row += 3 * size) {
    for (let unit = 0; unit < size; unit++, place++) {
      const r = row + unit, q = r + size, n = q + size;
      const candidate = tanh(z[n] + logistic(z[r] + u[r]) * (u[n] + apart[unit]));
      after[place] = candidate + logistic(z[q] + u[q]) * (h[place] - candidate);
    }
  }
  return after;
}

// c' = s(z_f) c + s(z_i) tanh(z_g);  h' = s(z_o) tanh(c'), z being the sums of both products, i, f, g and o in it
function lstmStep(z, c, size) {
  const after = new Float32Array(c.length), cells = new Float32Array(c.length);
  for (let place = 0, row = 0; place < c.length; row += 4 * size) {
    for (let unit = 0; unit < size; unit++, place++) {
      const i = row + unit, f = i + size, g = f + size, o = g + size;
      const cell = logistic(z[f]) * c[place] + logistic(z[i]) * tanh(z[g]);
      cells[place] = cell;
      after[place] = logistic(z[o]) * tanh(cell);
    }
  }
  return [after, cells];
}

// `row` repeated.
function repeated(row, times) {
  const found = new row.constructor(row.length * times);
  for (let place = 0; place < times; place++) found.set(row, place * row.length);
  return found;
}
