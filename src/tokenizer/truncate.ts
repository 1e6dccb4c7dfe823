export type TruncationSide = 'left' | 'right';

/**
 * How many tokens of each of two texts are kept when both together may have `budget`: transformers' `longest_first`,
 * which shortens the longer text first, and both to halves once they are equally long (the second text gets the odd
 * token unless the first is longer). `firstIsLonger` is called only when both are cut to halves and one gets the odd
 * token, so counts beyond `budget` need not be known.
 */
export function longestFirst(
  first: number,
  second: number,
  budget: number,
  firstIsLonger: () => boolean = () => first > second,
): readonly [number, number] {
  if (first + second <= budget) return [first, second];
  if (first > budget && second > budget) {
    const half = Math.floor(budget / 2);
    if (budget % 2 === 0) return [half, half];
    return firstIsLonger() ? [half + 1, half] : [half, half + 1];
  }
  let shorter = Math.min(first, second);
  let longer = Math.max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = Math.floor(budget / 2);
    longer = shorter + (budget % 2);
  }
  return first > second ? [longer, shorter] : [shorter, longer];
}
