// Which names are training names, by their hashes: core/document_hashes.py. BLAKE2b (RFC 7693) with a digest of eight bytes, no key.

const START = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const MIXED = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];
const DIGEST = 8;

const word = (value) => BigInt.asUintN(64, value);

function turned(value, bits) {
  return word((value >> bits) | (value << (64n - bits)));
}

// The first 64 bits of the hash of a text in UTF-8, a BigInt.
function fingerprint(text) {
  const bytes = new TextEncoder().encode(text);
  const state = START.slice();
  state[0] ^= 0x01010000n ^ BigInt(DIGEST);
  const blocks = Math.max(1, Math.ceil(bytes.length / 128));
  for (let block = 0; block < blocks; block++) {
    const padded = new Uint8Array(128);
    padded.set(bytes.subarray(128 * block, 128 * block + 128));
    const message = new BigUint64Array(padded.buffer);
    const last = block + 1 === blocks;
    const v = [...state, ...START];
    v[12] ^= BigInt(last ? bytes.length : 128 * (block + 1));
    if (last) v[14] = word(~v[14]);
    for (let round = 0; round < 12; round++) {
      const order = SIGMA[round % 10];
      MIXED.forEach(([a, b, c, d], step) => {
        v[a] = word(v[a] + v[b] + message[order[2 * step]]);
        v[d] = turned(v[d] ^ v[a], 32n);
        v[c] = word(v[c] + v[d]);
        v[b] = turned(v[b] ^ v[c], 24n);
        v[a] = word(v[a] + v[b] + message[order[2 * step + 1]]);
        v[d] = turned(v[d] ^ v[a], 16n);
        v[c] = word(v[c] + v[d]);
        v[b] = turned(v[b] ^ v[c], 63n);
      });
    }
    for (let place = 0; place < 8; place++) state[place] ^= v[place] ^ v[place + 8];
  }
  return state[0];
}

class Known {
  constructor(hashes) {
    this.hashes = new Set(hashes);
    this.asked = new Map();  // the same names come again and again
  }

  has(name) {
    let found = this.asked.get(name);
    if (found === undefined) {
      found = this.hashes.has(fingerprint(name));
      this.asked.set(name, found);
    }
    return found;
  }
}
