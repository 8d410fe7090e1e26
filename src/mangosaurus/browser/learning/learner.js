// The worker of a page that learns by itself: it reads lists, learns them, and answers as HTTP does for its models.

const MOST_MODELS = 8;  // that are held: the oldest go
const MOST_LEARNT = 20_000;  // names: a page stays usable

class Learner {
  // `prior` are the bytes of the prior's file, in planes; `rude` those of the list of rude words, if there is one.
  constructor(prior, rude = null) {
    Object.assign(this, { prior: new PriorOfNames(readFile(prior)), engines: new Map(), count: 0 });
    this.rude = rude && rudeWordsIn(rude);
  }

  // What a list is: {text} or {bytes}, and how it is to be read. As /api/preview answers, and the whole list.
  read(options) {
    return readList(options);
  }

  // Why a file is not read, by its {size, name, beginning}, before all of it is; null if it may be.
  refused({ size, name, beginning }) {
    return problemOfFile(size, name, beginning);
  }

  // The model of a list, as `read` answers. Its facts are those of /api/models.
  learn({ names, labels = null, weights = null, lowercased = false, written = null, called = "", notes = [] }) {
    const list = { ...onceEach({ documents: names, labels, weights }), lowercased };
    const cased = { ...(typeof lowercased === "string" && { language: lowercased }), ...(written && { case: written }) };
    if (!list.documents.length) throw new Refusal("nothing-to-learn");
    if (list.documents.length > MOST_LEARNT) {
      throw new Refusal("too-many-names", { count: list.documents.length, most: MOST_LEARNT });
    }
    const vocabulary = vocabularyOf(list.documents), documents = list.documents.map((name) => vocabulary.encode(name));
    const begun = performance.now(), times = list.weights && reducedWeights(list.weights);
    const named = [...new Set(list.labels ?? [])].sort(byCodePoints), place = new Map(named.map((label, number) => [label, number]));
    const made = list.labels
      ? fitLabelled(documents, list.labels.map((label) => place.get(label)), named.length, vocabulary, this.prior, times)
      : fit(documents, vocabulary, this.prior, times);
    const longest = Math.max(...documents.map((document) => document.length)), known = new Set(list.documents);
    const training = {
      corpus: factsOf({ ...list, notes }, textOf("a-list")).summary, lowercased: Boolean(lowercased), ...cased, format: "names",
      ...(list.labels && { labelled: true }), ...(notes.length && { read: notes }),
      longest, holdout: false, ...made.record,
      note: textOf(documents.length < FEWEST ? "prior-alone" : "counts-alone"),
      seconds: Math.round(performance.now() - begun) / 1000,
    };
    const engine = new Engine({
      vocabulary, known, names: list.documents, rude: this.rude, made, training, ...modelOf(made, named),
      about: { kind: "names", longest: Math.max(20, 2 * longest), composed: composedTable(vocabulary), lowercased, ...cased },
    });
    const id = `learnt-${this.count += 1}`;
    this.engines.set(id, engine);
    if (this.engines.size > MOST_MODELS) this.engines.delete(this.engines.keys().next().value);
    return {
      id, name: called, kind: "names", description: descriptionOf(made), source: "learnt", documents: list.documents.length,
      characters: [...new Set(vocabulary.characters.join(""))].sort(byCodePoints).join(""), unit: vocabulary.unit,
      symbols: vocabulary.inventory.size ? vocabulary.characters : null, separator: "", longest,
      labels: Object.fromEntries(named.map((label, number) => [label, made.shares[number]])),
      held_out: made.record.held_out,
    };
  }

  // Generators, as those of Engine; `model` is the id.
  sample({ model, ...options }) {
    return sampleLearnt(this.engine(model), this.prior, options);
  }

  logProbabilities({ model, ...options }) {
    return this.engine(model).logProbabilities(options);
  }

  // The model as a file that Python opens.
  file({ model }) {
    const { training } = this.engine(model);
    return this.written(model, training);
  }

  // The model for a page of its own: the bytes of its file, in planes, and the facts; formats/webpage.py.
  page({ model }) {
    const { about, vocabulary, names, made, labels } = this.engine(model), { longest } = about;
    const { unit, characters } = vocabulary, settings = { ...about, endless: false, ...(vocabulary.inventory.size && { unit }) };
    const facts = { kind: "names", documents: names.length, characters, labels, unit, longest, model: descriptionOf(made) };
    return { bytes: inPlanes(this.written(model, settings)), facts };
  }

  written(model, training) {
    const { vocabulary, names, made, labels } = this.engine(model), { inventory, characters } = vocabulary;
    const segmentation = { inventory: [...inventory].sort(byCodePoints), clusters: true };
    const cut = inventory.size ? { characters, segmentation } : { characters: characters.join("") };
    const hashes = BigUint64Array.from(new Set(names), fingerprint).sort(), models = labels.length ? 3 : 2;
    const discounts = (data) => ({ data, shape: [data.length / 3, 3] });
    const header = { cells: [], ...cut, kind: "names", prior: true, training };
    if (labels.length) header.labels = labels.map((label, number) => [label, made.shares[number]]);
    return fileOf(header, {
      known: flat(hashes), ...ngramArrays(made.common ?? made.counts), "ngram.discounts": discounts(made.discounts),
      ...(labels.length && { ...labelArrays(made.own), "labels.discounts": discounts(made.ownDiscounts) }),
      "mixture.weights": { data: made.weights, shape: [made.weights.length / models, models] },
      ...priorArrays(this.prior, vocabulary, made.prior),
    });
  }

  engine(id) {
    const engine = this.engines.get(id);
    if (!engine) throw new Refusal("not-learnt-any-more");
    return engine;
  }
}

// Weights without what all of them have in common; null if all count once: Corpus.reduced of data/corpus.py.
function reducedWeights(weights) {
  const divisor = weights.reduce((one, other) => {
    while (other) [one, other] = [other, one % other];
    return one;
  });
  return weights.every((weight) => weight === divisor) ? null : weights.map((weight) => weight / divisor);
}

// What an engine has of what was made: the model, and with labels their rows.
function modelOf(made, labels) {
  if (!labels.length) return { model: new Mixture(made.ngram, made.prior, [], made.weights), labels };
  const rows = new LabelRows(labels, made.shares, made.ownNgrams, made.ngram, made.prior, [], made.weights);
  return { rows, model: new AllLabels(rows), labels };
}

function descriptionOf({ ngram, own }) {
  return textOf(own ? "counts-of-labels" : "counts-and-prior", { order: ngram.order, n: own?.length });
}
