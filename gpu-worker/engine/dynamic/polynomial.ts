/**
 * An integer of a traced graph as a function of the dynamic dimensions: Σ coefficient[s] · Π dimension[k] over k in s,
 * where the bits of s are a set of dimensions. It is linear in each dimension, like the sizes and bounds of tensors:
 * B·T, 2·T, T − 1.
 */
export type Polynomial = readonly number[];

/** The two sizes at which a dimension was traced. */
export interface Sizes {
  readonly low: number;
  readonly high: number;
}

/**
 * The only polynomial with the given values at the corners: `values[c]` is the value where dimension k has its high
 * size if bit k of c is set, and its low size otherwise. 2ⁿ values for n dimensions.
 */
export function interpolate(values: readonly number[], sizes: readonly Sizes[]): Polynomial {
  const coefficients = [...values];
  sizes.forEach(({ low, high }, dimension) => {
    const bit = 1 << dimension;
    for (let corner = 0; corner < coefficients.length; corner++) {
      if ((corner & bit) !== 0) continue;
      const slope = (coefficients[corner | bit]! - coefficients[corner]!) / (high - low);
      coefficients[corner] = coefficients[corner]! - slope * low;
      coefficients[corner | bit] = slope;
    }
  });
  return coefficients;
}

/** The size of one dimension. */
export function dimension(index: number): Polynomial {
  return Array.from({ length: (1 << index) + 1 }, (_, set) => (set === 1 << index ? 1 : 0));
}

export function evaluate(polynomial: Polynomial, sizes: readonly number[]): number {
  return polynomial.reduce((total, coefficient, set) => {
    return total + sizes.reduce((term, size, dimension) => ((set >> dimension) & 1 ? term * size : term), coefficient);
  }, 0);
}

export function isConstant(polynomial: Polynomial): boolean {
  return polynomial.every((coefficient, set) => set === 0 || coefficient === 0);
}

/** The polynomial as text, for people and for comparing sizes: a number, a dimension's name, or a formula of names. */
export function formula(polynomial: Polynomial, names: readonly string[]): number | string {
  if (isConstant(polynomial)) return polynomial[0]!;
  const terms = polynomial.flatMap((coefficient, set) => {
    if (coefficient === 0) return [];
    const factors = names.filter((_, dimension) => (set >> dimension) & 1);
    return [[...(coefficient === 1 && set !== 0 ? [] : [String(coefficient)]), ...factors].join('*')];
  });
  return terms.join(' + ');
}
