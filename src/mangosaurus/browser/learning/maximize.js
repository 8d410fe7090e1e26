// The highest penalised likelihood by Newton's method: `maximize` of training/mixing.py.

// `likelihood(parameters)` is {value, slope, curvature}; the penalty is that of a Gaussian prior of unit variance around
// `center`, where the search starts. Steps are halved until they gain.
function maximize(likelihood, center, steps = 50) {
  const size = center.length;
  let here = center.slice(), { value, slope, curvature } = likelihood(here);
  for (let number = 0; number < steps; number++) {
    const matrix = curvature.slice();
    for (let place = 0; place < size; place++) matrix[place * size + place] += 1;
    const right = slope.map((each, place) => each - (here[place] - center[place]));
    let step = solved(matrix, right).map((each) => Math.min(Math.max(each, -LONGEST_STEP), LONGEST_STEP));
    let there, reached = -Infinity;
    for (let tried = 0; tried < 10; tried++) {
      there = here.map((each, place) => each + step[place]);
      ({ value: reached, slope, curvature } = likelihood(there));
      reached -= 0.5 * there.reduce((sum, each, place) => sum + (each - center[place]) ** 2, 0);
      if (reached > value) break;
      step = step.map((each) => each / 2);
    }
    if (!(reached > value)) return here;
    const gained = reached - value;
    [here, value] = [there, reached];
    if (gained < 1e-3) break;
  }
  return here;
}
