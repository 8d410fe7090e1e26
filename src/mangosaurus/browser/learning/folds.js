// Folds of a list: ways to divide it into names to train on and names to hold out. training/folds.py.

// Each fold has the places of its names: {train, heldOut}. A list of fewer than FEWEST names has none.
function foldsOf(documents, seed) {
  if (documents.length < FEWEST) return [];
  const symbols = documents.reduce((sum, document) => sum + document.length + 1, 0);
  const share = Math.min(0.1, 20 / Math.sqrt(symbols));
  const count = Math.min(Math.max(Math.floor(SYMBOLS_OF_ALL_FOLDS / symbols), 1), MOST_FOLDS);
  const order = new Pcg64([seed, 1]).permutation(documents.length);
  const size = Math.max(1, roundedToEven(share * documents.length)), folds = [];
  for (let first = 0; first < Math.min(count * size, order.length - size + 1); first += size) {
    const chosen = new Set(order.subarray(first, first + size)), places = [...documents.keys()];
    folds.push({ train: places.filter((place) => !chosen.has(place)), heldOut: places.filter((place) => chosen.has(place)) });
  }
  return folds;
}

// The nearest whole number, of two the even one, as Python rounds.
function roundedToEven(number) {
  const whole = Math.floor(number), rest = number - whole;
  if (rest === 0.5) return whole + (whole % 2);
  return Math.round(number);
}
