import { type Random, uniform } from '../../data/random.js';

/** A number of 0 … count − 1, each equally probable. */
export function drawBelow(count: number, random: Random): number {
  return Math.floor(uniform(random) * count);
}

/** One of the values, each equally probable; undefined of none. */
export function drawOne<Value>(values: readonly Value[], random: Random): Value | undefined {
  return values[drawBelow(values.length, random)];
}

/** The numbers 0 … count − 1 in an order of which each is equally probable (Fisher and Yates). */
export function drawOrder(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = drawBelow(last + 1, random);
    const value = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = value;
  }
  return order;
}

/** `α · n`, at least one: how many words of n an operation changes (Wei & Zou 2019, §2; their code has the one). */
export function shareOf(count: number, share: number): number {
  return Math.max(1, Math.floor(share * count));
}
