// What a model says of whole documents, which are lists of ids: walk, predict and score of models/interface.py.

const READ_AT_ONCE = 128;

// For each time t: the numbers of the documents that have a symbol t, END included, and log p of all symbols there,
// (documents, symbols). Those of similar length are read together. `lists` has the number of each document's list, for a
// prior of several.
function* walk(model, documents, lists = null) {
  const order = documents.map((_, place) => place).sort((one, other) => documents[other].length - documents[one].length);
  for (let first = 0; first < order.length; first += READ_AT_ONCE) {
    let rows = order.slice(first, first + READ_AT_ONCE), state = lists ? model.startWith(rows.map((row) => lists[row])) : model.start(rows.length);
    for (let t = 0; rows.length; t++) {
      yield { t, rows, logProbs: model.logProbs(state) };
      const staying = rows.filter((row) => documents[row].length > t);  // the longest come first
      if (staying.length < rows.length) state = select(state, staying.map((_, place) => place));
      rows = staying;
      if (rows.length) state = model.advance(state, rows.map((row) => documents[row][t]));
    }
  }
}

// log p of every symbol before each symbol of each document, one document after the other: (symbols of all, symbols).
function predict(model, documents, lists = null) {
  const { symbols } = model, firsts = [];
  let count = 0;
  for (const document of documents) {
    firsts.push(count);
    count += document.length + 1;
  }
  const found = new Float64Array(count * symbols);
  for (const { t, rows, logProbs } of walk(model, documents, lists)) {
    rows.forEach((row, place) => {
      found.set(logProbs.subarray(place * symbols, (place + 1) * symbols), (firsts[row] + t) * symbols);
    });
  }
  return found;
}

// Nats per symbol of each document, END counted. What many begin with is read once. A generator, which yields at times
// so that others have their turn.
function* lossesOf(model, documents) {
  const { symbols } = model, losses = new Float64Array(documents.length), order = [...documents.keys()];
  order.sort((one, other) => bySymbols(documents[one], documents[other]));
  for (let first = 0; first < order.length; first += READ_AT_ONCE) {
    let reading = order.slice(first, first + READ_AT_ONCE), rows = reading.map(() => 0), state = model.start(1);
    for (let t = 0; reading.length; t++) {
      const logProbs = model.logProbs(state), staying = [], next = [], from = [], read = [];
      reading.forEach((document, place) => {
        const ended = t === documents[document].length, symbol = ended ? END : documents[document][t];
        losses[document] -= logProbs[rows[place] * symbols + symbol];
        if (ended) return;
        if (rows[place] !== from.at(-1) || symbol !== read.at(-1)) {
          from.push(rows[place]);
          read.push(symbol);
        }
        staying.push(document);
        next.push(from.length - 1);
      });
      [reading, rows] = [staying, next];
      if (reading.length) state = model.advance(select(state, from), read);
      yield [];
    }
  }
  return losses.map((loss, row) => loss / (documents[row].length + 1));
}

function bySymbols(one, other) {
  let place = 0;
  while (place < one.length && one[place] === other[place]) place++;
  return (one[place] ?? -1) - (other[place] ?? -1);
}
