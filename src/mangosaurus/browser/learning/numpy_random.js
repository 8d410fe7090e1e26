// NumPy's default generator, as far as folds need it: SeedSequence, PCG64 (O'Neill 2014) and Generator.permutation. The
// folds of a list are then those of Python.

const WORD_64 = (1n << 64n) - 1n, WORD_128 = (1n << 128n) - 1n;
const PCG_MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL = 4;

// The first `count` numbers of 32 bits that SeedSequence makes of `entropy`, a list of numbers of 32 bits.
function seedSequence(entropy, count) {
  let constant = 0x43b0d7e5;
  const hashed = (value) => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mixed = (one, other) => {
    const value = (Math.imul(one, 0xca01f9dd) - Math.imul(other, 0x4973f715)) | 0;
    return (value ^ (value >>> 16)) >>> 0;
  };
  const pool = Array.from({ length: POOL }, (_, place) => hashed(entropy[place] ?? 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mixed(pool[to], hashed(pool[from]));
  }
  for (const more of entropy.slice(POOL)) {
    for (let to = 0; to < POOL; to++) pool[to] = mixed(pool[to], hashed(more));
  }
  let out = 0x8b51f9dd;
  return Array.from({ length: count }, (_, place) => {
    let value = pool[place % POOL] ^ out;
    out = Math.imul(out, 0x58f38ded);
    value = Math.imul(value, out);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

class Pcg64 {
  constructor(entropy) {
    const words = seedSequence(entropy, 8), long = (place) => (BigInt(words[place + 1]) << 32n) | BigInt(words[place]);
    const begin = (long(0) << 64n) | long(2);
    this.increment = ((((long(4) << 64n) | long(6)) << 1n) | 1n) & WORD_128;
    this.state = 0n;
    this.move();
    this.state = (this.state + begin) & WORD_128;
    this.move();
    this.kept = null;
  }

  move() {
    this.state = (this.state * PCG_MULTIPLIER + this.increment) & WORD_128;
  }

  next64() {
    this.move();
    const turn = this.state >> 122n, value = ((this.state >> 64n) ^ this.state) & WORD_64;
    return ((value >> turn) | (value << ((64n - turn) & 63n))) & WORD_64;
  }

  // The low half of 64 bits, then the high one.
  next32() {
    if (this.kept !== null) {
      const value = this.kept;
      this.kept = null;
      return value;
    }
    const both = this.next64();
    this.kept = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  }

  // A whole number from 0 to `most`, below 2^32: of as many bits as it has, until it is not above it.
  upTo(most) {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.next32() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  // 0, 1, …, `count` - 1 in a random order.
  permutation(count) {
    const found = Int32Array.from({ length: count }, (_, place) => place);
    for (let place = count - 1; place > 0; place--) {
      const other = this.upTo(place), kept = found[place];
      found[place] = found[other];
      found[other] = kept;
    }
    return found;
  }
}
