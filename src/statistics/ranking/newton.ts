/** A convex function at a point: its value, and its first and second derivatives. */
export interface Derivatives {
  readonly value: number;
  /** [parameters] */
  readonly gradient: Float64Array;
  /** [parameters, parameters], of which the lower triangle is read */
  readonly hessian: Float64Array;
}

export interface Minimum {
  readonly parameters: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** No derivative is greater at the minimum. */
const gradientTolerance = 1e-9;

/** A step that lowers the value by a smaller share of it is the last: the next would be lost in rounding. */
const leastFall = 1e-12;

const mostIterations = 100;

/**
 * The minimum of a strictly convex function by Newton's method, steps halved until the value falls. It ends where no
 * derivative exceeds 1e-9, or after a step that lowers the value by less than its last digits. Time O(iterations ·
 * parameters³).
 */
export function minimise(start: Float64Array, at: (parameters: Float64Array) => Derivatives): Minimum {
  let parameters = start;
  let here = at(parameters);
  for (let iterations = 0; iterations < mostIterations; iterations++) {
    if (here.gradient.every((slope) => Math.abs(slope) <= gradientTolerance)) {
      return { parameters, iterations, converged: true };
    }
    const step = solve(here.hessian, here.gradient);
    const fall = step.reduce((sum, length, i) => sum + length * here.gradient[i]!, 0);
    if (fall <= leastFall * Math.abs(here.value)) {
      return { parameters: parameters.map((value, i) => value - step[i]!), iterations, converged: true };
    }
    let share = 1;
    let next = parameters.map((value, i) => value - step[i]!);
    let there = at(next);
    // Armijo's rule: a step is short enough where it brings some of what its slope promises.
    while (!(there.value <= here.value - 1e-4 * share * fall) && share > 1e-9) {
      share /= 2;
      next = parameters.map((value, i) => value - share * step[i]!);
      there = at(next);
    }
    here = there;
    parameters = next;
  }
  return { parameters, iterations: mostIterations, converged: false };
}

/** x of A·x = b for a symmetric A that is positive definite, by Cholesky's decomposition. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const factor = new Float64Array(matrix.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= factor[row * size + k]! * factor[column * size + k]!;
      // Rounding may leave a diagonal at 0 that is not.
      if (row === column) factor[row * size + row] = Math.sqrt(Math.max(sum, 1e-12));
      else factor[row * size + column] = sum / factor[column * size + column]!;
    }
  }
  const x = right.slice();
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) x[row]! -= factor[row * size + k]! * x[k]!;
    x[row]! /= factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) x[row]! -= factor[k * size + row]! * x[k]!;
    x[row]! /= factor[row * size + row]!;
  }
  return x;
}
