// SHA-256 (FIPS 180-4) for the checksum of model files: pages have crypto.subtle only where they come over HTTPS.

const PRIMES = [2];
for (let number = 3; PRIMES.length < 64; number += 2) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
const fractionBits = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(PRIMES, (prime) => fractionBits(Math.cbrt(prime)));
const BEGUN = PRIMES.slice(0, 8).map((prime) => fractionBits(Math.sqrt(prime)));

// The hash of pieces, each a Uint8Array, one after the other, in hexadecimal.
function sha256(pieces) {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(64 * Math.ceil((length + 9) / 64)), view = new DataView(bytes.buffer);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  bytes[at] = 0x80;
  view.setUint32(bytes.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(bytes.length - 4, (length << 3) >>> 0);
  const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));
  const state = BEGUN.slice(), w = new Int32Array(64);
  for (let block = 0; block < bytes.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(block + 4 * t);
    for (let t = 16; t < 64; t++) {
      const [two, fifteen] = [w[t - 2], w[t - 15]];
      w[t] = (turn(two, 17) ^ turn(two, 19) ^ (two >>> 10)) + w[t - 7]
        + (turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3)) + w[t - 16];
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] = (state[place] + word) | 0; });
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
