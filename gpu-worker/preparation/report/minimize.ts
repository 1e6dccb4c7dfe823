/** Writes the gradient at a point into its second argument, and returns the value there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** Pairs of steps and changes of the gradient that stand for the curvature. */
const memory = 10;

/** Armijo's and Wolfe's constants of a sufficient decrease and a flatter slope (Nocedal and Wright 2006, 3.1). */
const sufficientDecrease = 1e-4;
const flatterSlope = 0.9;
const mostTrials = 40;

/**
 * The minimum of a smooth convex function by L-BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.5), with a line
 * search by bisection for the weak Wolfe conditions, so that each pair has a positive curvature.
 *
 * @param options.tolerance it ends where no part of the gradient is greater
 */
export function minimize(
  objective: Objective,
  start: Float64Array,
  options: { readonly tolerance: number; readonly maxIterations: number },
): Float64Array {
  const size = start.length;
  let point = start.slice();
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  let next = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  for (let iteration = 0; iteration < options.maxIterations && largest(gradient) > options.tolerance; iteration++) {
    const direction = descend(gradient, steps, changes);
    const slope = dot(gradient, direction);
    if (!(slope < 0)) break;
    // Without any curvature, the first step has the length 1 at most.
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
    let shortest = 0;
    let longest = Number.POSITIVE_INFINITY;
    let isFound = false;
    let nextValue = value;
    for (let trial = 0; trial < mostTrials; trial++) {
      for (let i = 0; i < size; i++) next[i] = point[i]! + length * direction[i]!;
      nextValue = objective(next, nextGradient);
      if (!(nextValue <= value + sufficientDecrease * length * slope)) longest = length;
      else if (dot(nextGradient, direction) < flatterSlope * slope) shortest = length;
      else {
        isFound = true;
        break;
      }
      length = longest === Number.POSITIVE_INFINITY ? 2 * length : (shortest + longest) / 2;
    }
    // The value does not fall any more by what numbers of this precision can tell.
    if (!isFound) break;
    const step = next.map((x, i) => x - point[i]!);
    const change = nextGradient.map((x, i) => x - gradient[i]!);
    if (dot(step, change) > 0) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    [point, next] = [next, point];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
  }
  return point;
}

/** The direction −H g of the two-loop recursion, where H stands for the inverse of the curvature. */
function descend(gradient: Float64Array, steps: readonly Float64Array[], changes: readonly Float64Array[]) {
  const direction = gradient.map((x) => -x);
  const shares: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const share = dot(steps[i]!, direction) / dot(steps[i]!, changes[i]!);
    shares[i] = share;
    add(direction, -share, changes[i]!);
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, changes[last]!);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const share = dot(changes[i]!, direction) / dot(steps[i]!, changes[i]!);
    add(direction, shares[i]! - share, steps[i]!);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
