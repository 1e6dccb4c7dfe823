export type TruncationSide = 'left' | 'right';

/**
 * How many tokens of each of two texts are kept when together they may have `budget`: transformers' `longest_first`, which shortens the
 * longer one first, and both to halves once they are equally long (the second gets the odd token where the first is not the longer one).
 */
export function longestFirst(first: number, second: number, budget: number): readonly [number, number] {
  if (first + second <= budget) return [first, second];
  let shorter = Math.min(first, second);
  let longer = shorter > budget ? shorter : Math.max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = Math.floor(budget / 2);
    longer = shorter + (budget % 2);
  }
  return first > second ? [longer, shorter] : [shorter, longer];
}
