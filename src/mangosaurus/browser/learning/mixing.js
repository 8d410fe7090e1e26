// The weights of a mixture, fitted on names that none of its models has read: training/mixing.py.

// What models predict for held-out symbols: `symbols`, each one's features, (n, width), and log p of every symbol by
// each model, (n, size).
class Predictions {
  constructor({ symbols, features, width, models, size, counts = null }) {
    Object.assign(this, { symbols, features, width, models, size, counts });
  }

  part(first, last) {
    const { symbols, features, width, models, size, counts } = this;
    return new Predictions({
      symbols: symbols.slice(first, last), features: features.slice(first * width, last * width), width, size,
      models: models.map((model) => model.slice(first * size, last * size)), counts: counts && counts.slice(first, last),
    });
  }

  static joined(parts) {
    const all = (field) => concatenated(parts.map((part) => part[field])), [{ width, size, models, counts }] = parts;
    return new Predictions({
      symbols: all("symbols"), features: all("features"), width, size,
      models: models.map((_, model) => concatenated(parts.map((part) => part.models[model]))),
      counts: counts && all("counts"),
    });
  }

  // -log p of every symbol by one model.
  lossesOf(model) {
    return this.symbols.map((symbol, row) => -this.models[model][row * this.size + symbol]);
  }

  // -log p of every symbol by the mixture with these weights, (width, models).
  losses(weights) {
    return likelihoodOfMixture(this, weights).losses;
  }
}

// The features of a node, as `exponentsOf` in engine/mixed.js weighs them: features of models/mixture.py.
function featuresOf(ngram, nodes) {
  const { order } = ngram, width = order + 3, found = new Float64Array(nodes.length * width);
  nodes.forEach((node, row) => {
    found[row * width + ngram.depth[node]] = 1;
    found[row * width + order] = Math.log(ngram.total[node]);
    found[row * width + order + 1] = Math.log(ngram.degree[node]);
    found[row * width + order + 2] = ngram.total[node] === 1 ? 1 : 0;
  });
  return found;
}

// The summed log p of the held-out symbols, its gradient by the weights and its curvature; and each symbol's loss.
function likelihoodOfMixture({ symbols, features, width, models, size }, weights) {
  const count = models.length, parameters = width * count, slope = new Float64Array(parameters);
  const curvature = new Float64Array(parameters ** 2), losses = new Float64Array(symbols.length);
  const logits = new Float64Array(size), exponents = new Float64Array(count), moves = new Uint8Array(count);
  const means = new Float64Array(count), products = new Float64Array(count * count);
  let value = 0;
  for (let row = 0; row < symbols.length; row++) {
    const here = row * width, first = row * size;
    for (let model = 0; model < count; model++) {
      let raw = 0;
      for (let feature = 0; feature < width; feature++) raw += features[here + feature] * weights[feature * count + model];
      moves[model] = raw >= 0 && raw <= LARGEST_EXPONENT ? 1 : 0;  // clipped ones do not move with their weights
      exponents[model] = withinBounds(raw);
    }
    let top = -Infinity, sum = 0;
    for (let symbol = 0; symbol < size; symbol++) {
      let logit = 0;
      for (let model = 0; model < count; model++) logit += exponents[model] * models[model][first + symbol];
      logits[symbol] = logit;
      top = Math.max(top, logit);
    }
    for (let symbol = 0; symbol < size; symbol++) sum += Math.exp(logits[symbol] - top);
    const less = top + Math.log(sum), logP = logits[symbols[row]] - less;
    losses[row] = -logP;
    value += logP;
    means.fill(0);
    products.fill(0);
    for (let symbol = 0; symbol < size; symbol++) {
      const p = Math.exp(logits[symbol] - less);
      for (let one = 0; one < count; one++) {
        const weighted = p * models[one][first + symbol];
        means[one] += weighted;
        for (let other = 0; other <= one; other++) products[one * count + other] += weighted * models[other][first + symbol];
      }
    }
    for (let one = 0; one < count; one++) {
      if (!moves[one]) continue;
      const lacking = models[one][first + symbols[row]] - means[one];
      for (let feature = 0; feature < width; feature++) slope[feature * count + one] += lacking * features[here + feature];
      for (let other = 0; other <= one; other++) {
        if (!moves[other]) continue;
        const covariance = products[one * count + other] - means[one] * means[other];
        for (let feature = 0; feature < width; feature++) {
          const part = covariance * features[here + feature], line = (feature * count + one) * parameters + other;
          if (part) for (let each = 0; each < width; each++) curvature[line + each * count] += part * features[here + each];
        }
      }
    }
  }
  for (let one = 0; one < count; one++) {
    for (let other = 0; other < one; other++) {
      for (let feature = 0; feature < width; feature++) {
        for (let each = 0; each < width; each++) {
          curvature[(each * count + other) * parameters + feature * count + one]
            = curvature[(feature * count + one) * parameters + each * count + other];
        }
      }
    }
  }
  return { value, slope, curvature, losses };
}

// The weights, (width, models), under which the held-out symbols are most probable, given the `center` of their prior.
function fitWeights(heldOut, center) {
  const { features, width, models } = heldOut, count = models.length, scale = new Float64Array(width);
  features.forEach((feature, cell) => { scale[cell % width] = Math.max(scale[cell % width], Math.abs(feature)); });
  const each = Float64Array.from(center, (_, place) => (scale[Math.floor(place / count)] || 1) / SPREAD);
  const likelihood = (flat) => {
    const found = likelihoodOfMixture(heldOut, flat.map((value, place) => value / each[place]));
    const curvature = found.curvature.map((value, cell) => (
      value / (each[Math.floor(cell / each.length)] * each[cell % each.length])));
    return { value: found.value, slope: found.slope.map((value, place) => value / each[place]), curvature };
  };
  return maximize(likelihood, center.map((value, place) => value * each[place])).map((value, place) => value / each[place]);
}

// The losses of the mixture, each half of the symbols under weights fitted on the other half; `apart` are the folds'.
function crossFittedLosses(apart, center) {
  const half = (part) => Math.floor(part.symbols.length / 2);
  const first = Predictions.joined(apart.map((part) => part.part(0, half(part))));
  const second = Predictions.joined(apart.map((part) => part.part(half(part), part.symbols.length)));
  const halves = [[first, second], [second, first]].filter(([fitted]) => fitted.symbols.length);
  const losses = concatenated(halves.map(([fitted, measured]) => measured.losses(fitWeights(fitted, center))));
  const counts = first.counts && concatenated(halves.map(([, measured]) => measured.counts));
  return { losses, counts };
}
