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

// The solution x of `matrix` x = `right`, for a symmetric matrix that is positive definite; both are overwritten.
function solved(matrix, right) {
  const size = right.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = matrix[row * size + pivot] / matrix[pivot * size + pivot];
      for (let column = pivot; column < size; column++) {
        matrix[row * size + column] -= factor * matrix[pivot * size + column];
      }
      right[row] -= factor * right[pivot];
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let column = row + 1; column < size; column++) right[row] -= matrix[row * size + column] * right[column];
    right[row] /= matrix[row * size + row];
  }
  return right;
}
