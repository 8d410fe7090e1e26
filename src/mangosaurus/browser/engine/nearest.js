// The edit distance (Levenshtein) from a name to the nearest of other names: generation/nearest.py.

// Texts in the order of their code points, as Python sorts them.
function byCodePoints(one, other) {
  const [left, right] = [Array.from(one), Array.from(other)];
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - right.length;
}

// Names to measure others against; `split` cuts a name into its symbols.
class Neighbours {
  constructor(names, split) {
    Object.assign(this, { split, numbers: new Map(), rows: [] });
    for (const name of names) this.add(name);
  }

  add(name) {
    this.rows.push(this.read(name));
  }

  // Symbols as numbers, the same ones for the same symbols.
  read(name) {
    return Int32Array.from(this.split(name), (symbol) => {
      let number = this.numbers.get(symbol);
      if (number === undefined) this.numbers.set(symbol, (number = this.numbers.size));
      return number;
    });
  }

  // {place, edits} of the first of the names with the fewest edits to this one, if they are fewer than `bound`, or null.
  // Rows of the table of distances are kept as differences, a bit a symbol of the name: Myers 1999, "A fast bit-vector
  // algorithm for approximate string matching", in the form of Hyyrö 2003.
  nearest(name, bound = Infinity) {
    const pattern = this.read(name), { length } = pattern, words = Math.ceil(length / 32);
    const where = new Int32Array(this.numbers.size * words);  // the bits of each symbol
    pattern.forEach((symbol, place) => { where[symbol * words + (place >> 5)] |= 1 << (place & 31); });
    const more = new Int32Array(words), less = new Int32Array(words), last = 1 << ((length - 1) & 31);
    let found = null;
    for (let place = 0; place < this.rows.length && bound > 0; place++) {
      const row = this.rows[place];
      if (Math.abs(row.length - length) >= bound) continue;
      let edits = length ? length : row.length;
      more.fill(-1);
      less.fill(0);
      for (let along = 0; along < row.length && words; along++) {
        let up = 1, down = 0;
        for (let word = 0; word < words; word++) {
          const equal = where[row[along] * words + word], plus = more[word], minus = less[word], same = equal | down;
          const kept = ((((same & plus) + plus) | 0) ^ plus) | same | minus;
          const rises = minus | ~(kept | plus), falls = kept & plus;
          if (word === words - 1) edits += (rises & last ? 1 : 0) - (falls & last ? 1 : 0);
          const risesOn = (rises << 1) | up, fallsOn = (falls << 1) | down;
          [up, down] = [rises >>> 31, falls >>> 31];
          more[word] = fallsOn | ~(kept | risesOn);
          less[word] = risesOn & kept;
        }
        if (edits - (row.length - along - 1) >= bound) break;
      }
      if (edits < bound) [found, bound] = [{ place, edits }, edits];
    }
    return found;
  }
}

// Whether a name is fewer than `edits` edits away from one of `names`.
function near(names, edits, split) {
  const neighbours = new Neighbours(new Set(names), split);
  return (name) => neighbours.nearest(name, edits) !== null;
}

// Whether a name is APART edits or more from all those for which this was true before.
function apart(split) {
  const taken = new Neighbours([], split);
  return (name) => {
    if (taken.nearest(name, APART)) return false;
    taken.add(name);
    return true;
  };
}
