// The state of a model is a list of arrays, each {data, width}: for every row of the batch `width` numbers.

function rowsOf(state) {
  return state[0].data.length / state[0].width;
}

// The rows of a state that `rows` names; repeats are allowed.
function select(state, rows) {
  return state.map(({ data, width }) => {
    const chosen = new data.constructor(rows.length * width);
    rows.forEach((row, place) => {
      if (width === 1) chosen[place] = data[row];
      else chosen.set(data.subarray(row * width, row * width + width), place * width);
    });
    return { data: chosen, width };
  });
}

// The state of one document after `symbols` have been read.
function stateAfter(model, symbols) {
  let state = model.start(1);
  for (const symbol of symbols) state = model.advance(state, [symbol]);
  return state;
}

// log p of every symbol, (batch, symbols), from log p plus a constant in each row; in place.
function normalized(logits, symbols) {
  for (let first = 0; first < logits.length; first += symbols) {
    let top = -Infinity, sum = 0;
    for (let place = first; place < first + symbols; place++) top = Math.max(top, logits[place]);
    for (let place = first; place < first + symbols; place++) sum += Math.exp(logits[place] - top);
    const less = top + Math.log(sum);
    for (let place = first; place < first + symbols; place++) logits[place] -= less;
  }
  return logits;
}

// log of the sum of the exponentials of two or more numbers.
function logSum(numbers) {
  let top = -Infinity, sum = 0;
  for (const number of numbers) top = Math.max(top, number);
  if (top === -Infinity) return top;
  for (const number of numbers) sum += Math.exp(number - top);
  return top + Math.log(sum);
}
