// Matrix products: many rows times one matrix, in WebAssembly with vectors of four numbers where the browser has them,
// else in plain JavaScript. A matrix lies in panels of eight columns, so that what is read next lies next.

const PANEL = 8, ABREAST = 4, MOST_ROWS = 128;

// The instructions of WebAssembly that are used here.
const LOCAL = 0x20, SET = 0x21, TEE = 0x22, LOOP = 0x03, END_OF = 0x0b, BRANCH_IF = 0x0d, CONSTANT = 0x41;
const ADD = 0x6a, SUBTRACT = 0x6b, SHIFT = 0x74, INTEGER = 0x7f, VECTOR = 0x7b, NOTHING = 0x40;
const LOAD = [0xfd, 0x00, 4], SPLAT = [0xfd, 0x09, 2], STORE = [0xfd, 0x0b, 4];
const VECTOR_ADD = [0xfd, 0xe4, 0x01], VECTOR_MULTIPLY = [0xfd, 0xe6, 0x01];

// A module with one function, product(a, b, c, rows, inner, columns): c += a b, all float32 and given by their places
// in memory; `rows` is a multiple of ABREAST and `columns` of PANEL. For each panel, four rows at a time, it goes down
// the panel once with eight vectors of sums.
function productModule() {
  const [a, b, c, rows, inner, columns, left, downwards, along, across, panel] = Array(11).keys();
  const from = [11, 12, 13, 14], to = [15, 16, 17, 18], factor = 19, one = 20, other = 21;
  const sums = [22, 23, 24, 25].map((first) => [first, first + 4]);
  const add = (target, ...by) => [LOCAL, target, ...by, ADD, SET, target];
  const down = (target, by) => [LOCAL, target, CONSTANT, by, SUBTRACT, TEE, target, BRANCH_IF, 0];
  const each = (build) => from.flatMap((_, row) => build(row));
  const body = [
    LOCAL, inner, CONSTANT, 2, SHIFT, SET, along,
    LOCAL, columns, CONSTANT, 2, SHIFT, SET, across,
    LOOP, NOTHING,
    LOCAL, rows, SET, left,
    ...each((row) => (row ? [LOCAL, from[row - 1], LOCAL, along, ADD, SET, from[row]] : [LOCAL, a, SET, from[0]])),
    ...each((row) => (row ? [LOCAL, to[row - 1], LOCAL, across, ADD, SET, to[row]] : [LOCAL, c, SET, to[0]])),
    LOOP, NOTHING,
    ...each((row) => sums[row].flatMap((sum, half) => [LOCAL, to[row], ...LOAD, 16 * half, SET, sum])),
    LOCAL, b, SET, panel,
    LOCAL, inner, SET, downwards,
    LOOP, NOTHING,
    LOCAL, panel, ...LOAD, 0, SET, one,
    LOCAL, panel, ...LOAD, 16, SET, other,
    ...each((row) => [
      LOCAL, from[row], ...SPLAT, 0, SET, factor,
      LOCAL, sums[row][0], LOCAL, factor, LOCAL, one, ...VECTOR_MULTIPLY, ...VECTOR_ADD, SET, sums[row][0],
      LOCAL, sums[row][1], LOCAL, factor, LOCAL, other, ...VECTOR_MULTIPLY, ...VECTOR_ADD, SET, sums[row][1],
      ...add(from[row], CONSTANT, 4),
    ]),
    ...add(panel, CONSTANT, 32),
    ...down(downwards, 1),
    END_OF,
    ...each((row) => sums[row].flatMap((sum, half) => [LOCAL, to[row], LOCAL, sum, ...STORE, 16 * half])),
    // The pointers have gone along one row; three more rows were read beside it.
    ...each((row) => [...add(from[row], LOCAL, along), ...add(from[row], LOCAL, along), ...add(from[row], LOCAL, along)]),
    ...each((row) => add(to[row], LOCAL, across, CONSTANT, 2, SHIFT)),
    ...down(left, ABREAST),
    END_OF,
    LOCAL, panel, SET, b,  // where the next one begins
    ...add(c, CONSTANT, 32),
    ...down(columns, PANEL),
    END_OF,
    END_OF,
  ];
  const counted = (bytes) => [bytes.length % 128 + 128, Math.floor(bytes.length / 128) % 128, ...bytes];
  const section = (id, bytes) => [id, ...counted(bytes)];
  const text = (word) => [word.length, ...new TextEncoder().encode(word)];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 6, ...Array(6).fill(INTEGER), 0]),
    ...section(2, [1, ...text("page"), ...text("memory"), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("product"), 0, 0]),
    ...section(10, [1, ...counted([2, 13, INTEGER, 11, VECTOR, ...body])]),
  ]);
}

// The same in JavaScript, over the same memory.
function plainProduct(numbers) {
  return (a, b, c, rows, inner, columns) => {
    const all = numbers();
    for (let first = 0; first < columns; first += PANEL) {
      for (let row = 0; row < rows; row++) {
        const to = c / 4 + row * columns + first, from = a / 4 + row * inner;
        let panel = b / 4 + first * inner;
        let [s0, s1, s2, s3, s4, s5, s6, s7] = all.subarray(to, to + PANEL);
        for (let k = 0; k < inner; k++, panel += PANEL) {
          const x = all[from + k];
          s0 += x * all[panel];
          s1 += x * all[panel + 1];
          s2 += x * all[panel + 2];
          s3 += x * all[panel + 3];
          s4 += x * all[panel + 4];
          s5 += x * all[panel + 5];
          s6 += x * all[panel + 6];
          s7 += x * all[panel + 7];
        }
        all.set([s0, s1, s2, s3, s4, s5, s6, s7], to);
      }
    }
  };
}

// The memory in which the matrices lie, and room for the rows that are multiplied.
class Memory {
  constructor() {
    this.used = 0;
    try {
      this.memory = new WebAssembly.Memory({ initial: 1 });
      const module = new WebAssembly.Module(productModule());
      this.run = new WebAssembly.Instance(module, { page: { memory: this.memory } }).exports.product;
    } catch {  // not there, or without vectors
      this.memory = null;
      this.kept = new Float32Array(0);
      this.run = plainProduct(() => this.kept);
    }
    this.room = [0, 0];
    this.places = [0, 0];
  }

  // Room for this many numbers: where it begins, in bytes.
  take(count) {
    const first = this.used, last = first + 16 * Math.ceil(count / 4);
    this.used = last;
    if (this.memory) {
      const lacking = last - this.memory.buffer.byteLength;
      if (lacking > 0) this.memory.grow(Math.ceil(lacking / 65536));
    } else if (last > 4 * this.kept.length) {
      const larger = new Float32Array(last / 2);
      larger.set(this.kept);
      this.kept = larger;
    }
    return first;
  }

  // All of it; what was taken before more room was is not to be used any more.
  get numbers() {
    if (!this.memory) return this.kept;
    if (!this.view || this.view.buffer !== this.memory.buffer) this.view = new Float32Array(this.memory.buffer);
    return this.view;
  }

  // Room for the rows of a product, before it or after it.
  roomFor(which, count) {
    if (this.room[which] < count) {
      this.room[which] = count;
      this.places[which] = this.take(count);
    }
    return this.places[which];
  }
}

class Matrix {
  // `data` is (inner, columns), row by row.
  constructor(memory, data, inner, columns) {
    Object.assign(this, { memory, inner, columns });
    this.wide = PANEL * Math.ceil(columns / PANEL);
    this.place = memory.take(inner * this.wide);
    const numbers = memory.numbers;
    for (let k = 0; k < inner; k++) {
      for (let n = 0; n < columns; n++) {
        const panel = n - (n % PANEL);
        numbers[this.place / 4 + panel * inner + k * PANEL + (n % PANEL)] = data[k * columns + n];
      }
    }
  }

  // Adds `rows`, (count, inner), times the matrix to `sums`, (count, columns); both Float32Array.
  addTo(sums, rows) {
    const { memory, inner, columns, wide } = this, count = rows.length / inner;
    const most = Math.min(count + ABREAST, MOST_ROWS);
    const before = memory.roomFor(0, most * inner), after = memory.roomFor(1, most * wide);
    const numbers = memory.numbers;
    for (let first = 0; first < count; first += MOST_ROWS) {
      const some = Math.min(MOST_ROWS, count - first), padded = ABREAST * Math.ceil(some / ABREAST);
      numbers.set(rows.subarray(first * inner, (first + some) * inner), before / 4);
      for (let row = 0; row < some; row++) {
        const place = (first + row) * columns;
        numbers.set(sums.subarray(place, place + columns), after / 4 + row * wide);
      }
      memory.run(before, this.place, after, padded, inner, wide);
      for (let row = 0; row < some; row++) {
        const place = after / 4 + row * wide;
        sums.set(numbers.subarray(place, place + columns), (first + row) * columns);
      }
    }
  }
}
