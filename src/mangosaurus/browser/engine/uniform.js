// Uniform numbers in [0, 1) as generation/sampler.py draws them: NumPy's Philox 4x64-10 (Salmon, Moraes, Dror and Shaw
// 2011), its key (seed, page) and its counter from the sample's index on. A word of 64 bits is a low and a high half.

const TWO_TO_32 = 2 ** 32;

// The high half of a * b, both of 32 bits; the low half is Math.imul's.
function high(a, b) {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const one = Math.imul(aLow, bHigh), other = Math.imul(aHigh, bLow);
  const middle = (Math.imul(aLow, bLow) >>> 16) + (one & 0xffff) + (other & 0xffff);
  return (Math.imul(aHigh, bHigh) + (one >>> 16) + (other >>> 16) + (middle >>> 16)) | 0;
}

// 1 if the sum of two words of 32 bits went beyond them, where `sum` is what is left of it.
function carry(sum, part) {
  return (sum >>> 0) < (part >>> 0) ? 1 : 0;
}

// The product of two words of 64 bits: `into` gets its four words of 32 bits, the lowest first.
function multiply64(aLow, aHigh, bLow, bHigh, into) {
  into[0] = Math.imul(aLow, bLow);
  const first = Math.imul(aLow, bHigh), second = Math.imul(aHigh, bLow), third = Math.imul(aHigh, bHigh);
  const some = (high(aLow, bLow) + first) | 0, middle = (some + second) | 0;
  const over = carry(some, first) + carry(middle, second);
  into[1] = middle;
  const part = (high(aLow, bHigh) + high(aHigh, bLow)) | 0, more = (part + third) | 0, top = (more + over) | 0;
  into[2] = top;
  into[3] = high(aHigh, bHigh) + carry(part, high(aHigh, bLow)) + carry(more, third) + carry(top, over);
}

class Uniforms {
  // Those of `seed`, a BigInt, from page `first` on.
  constructor(seed, first = 0) {
    this.seedLow = Number(seed % 0x100000000n);
    this.seedHigh = Number(seed / 0x100000000n);
    this.first = first;
    this.one = new Int32Array(4);
    this.other = new Int32Array(4);
    this.found = new Float64Array(4);
  }

  // Four numbers: draws `place` to `place` + 3 of sample `index`; `place` is a multiple of four.
  four(index, place) {
    const { one, other, found } = this;
    const page = this.first + Math.floor(place / DRAWS);
    const counter = index * (DRAWS / 4) + (place % DRAWS) / 4 + 1;  // NumPy counts before it computes
    let low0 = counter | 0, high0 = Math.floor(counter / TWO_TO_32), low1 = 0, high1 = 0;
    let low2 = 0, high2 = 0, low3 = 0, high3 = 0;
    let firstLow = this.seedLow | 0, firstHigh = this.seedHigh | 0;
    let secondLow = page | 0, secondHigh = Math.floor(page / TWO_TO_32);
    for (let round = 0; round < 10; round++) {
      multiply64(low0, high0, 0xe14c6c93 | 0, 0xd2e7470e | 0, one);
      multiply64(low2, high2, 0x95121157 | 0, 0xca5a8263 | 0, other);
      low0 = other[2] ^ low1 ^ firstLow;
      high0 = other[3] ^ high1 ^ firstHigh;
      low1 = other[0];
      high1 = other[1];
      low2 = one[2] ^ low3 ^ secondLow;
      high2 = one[3] ^ high3 ^ secondHigh;
      low3 = one[0];
      high3 = one[1];
      firstLow = (firstLow + 0x7f4a7c15) | 0;
      firstHigh = (firstHigh + 0x9e3779b9 + carry(firstLow, 0x7f4a7c15)) | 0;
      secondLow = (secondLow + 0x84caa73b) | 0;
      secondHigh = (secondHigh + 0xbb67ae85 + carry(secondLow, 0x84caa73b)) | 0;
    }
    found[0] = fraction(low0, high0);
    found[1] = fraction(low1, high1);
    found[2] = fraction(low2, high2);
    found[3] = fraction(low3, high3);
    return found;
  }

  // Draw `place` of sample `index` alone.
  single(index, place) {
    return this.four(index, place - (place % 4))[place % 4];
  }
}

// The 53 highest bits as a fraction.
function fraction(low, high) {
  return ((high >>> 0) * 0x200000 + (low >>> 11)) / 2 ** 53;
}

// The numbers of some samples, draw by draw, four of each kept at once.
class Draws {
  constructor(seed, first, count, page = 0) {
    this.uniforms = new Uniforms(seed, page);
    this.first = first;
    this.kept = new Float64Array(4 * count);
    this.place = -4;
  }

  // To be called before `of` with each draw's number, counted from 0; `rows` are the samples that still draw.
  turn(place, rows) {
    if (place % 4) return;
    this.place = place;
    for (const row of rows) this.kept.set(this.uniforms.four(this.first + row, place), 4 * row);
  }

  of(row, place) {
    return this.kept[4 * row + place - this.place];
  }
}
