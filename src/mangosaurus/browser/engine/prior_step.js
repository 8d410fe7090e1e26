// The prior of names, an LSTM whose gates and output depend on the list: models/prior_network.py.

// A state is h, c and the number of each row's list, which is that of its label.
class Prior {
  constructor(memory, arrays, symbols) {
    const [hidden] = arrays.recurrent.shape, [table, gates] = [arrays.table.data, arrays.gates.data];
    Object.assign(this, { hidden, symbols, table, gates, scale: arrays.scale.data, outputBias: arrays.output_bias.data });
    this.recurrent = new Matrix(memory, arrays.recurrent.data, hidden, 4 * hidden);
    this.output = new Matrix(memory, arrays.output.data, hidden, symbols);
  }

  // The same network given other lists.
  given({ vectors, gates, scale, outputBias }) {
    return Object.assign(Object.create(Prior.prototype), this, { vectors, gates, scale, outputBias });
  }

  start(batch) {
    return this.startWith(new Array(batch).fill(0));
  }

  // The state after END for the lists of these numbers.
  startWith(lists) {
    const zeros = new Float32Array(lists.length * this.hidden), width = this.hidden;
    const begun = [{ data: zeros, width }, { data: zeros, width }, { data: Int32Array.from(lists), width: 1 }];
    return this.advance(begun, new Array(lists.length).fill(END));
  }

  // log p of the next symbol plus a constant in each row: Float32Array, (batch, symbols).
  logits([h, , { data: lists }]) {
    const { hidden, symbols } = this, logits = new Float32Array(lists.length * symbols), scaled = h.data.slice();
    lists.forEach((list, row) => {
      for (let unit = 0; unit < hidden; unit++) scaled[row * hidden + unit] *= this.scale[list * hidden + unit];
      logits.set(this.outputBias.subarray(list * symbols, (list + 1) * symbols), row * symbols);
    });
    this.output.addTo(logits, scaled);
    return logits;
  }

  logProbs(state) {
    return normalized(this.logits(state), this.symbols);
  }

  advance([h, c, lists], symbols) {
    const { table, gates } = this, width = 4 * this.hidden, z = new Float32Array(symbols.length * width);
    for (let row = 0, cell = 0; row < symbols.length; row++) {
      let read = symbols[row] * width, given = lists.data[row] * width;
      for (const last = cell + width; cell < last; cell++) z[cell] = table[read++] + gates[given++];
    }
    this.recurrent.addTo(z, h.data);
    const [after, cells] = lstmStep(z, c.data, this.hidden);
    return [{ data: after, width: this.hidden }, { data: cells, width: this.hidden }, lists];
  }
}
