import type { FeedbackOverlap } from '../feedback.js';

/** How often a person is taken to be right, as long as nothing is known of people. */
const assumedAccuracy = 0.8;

export interface LikelyCategory {
  readonly category: string;
  readonly probability: number;
}

/**
 * The likeliest category by the answers of an item, if each person is right with probability 0.8 and errs to every
 * other category alike (the one-coin model with an even prior):
 *
 *     P(k) ∝ 0.8^n_k · (0.2 / (K − 1))^(n − n_k)
 *
 * Of equally likely ones the first is given, with its probability. Null without answers.
 * @param count K, at least 2
 */
export function likelyCategory(categories: readonly string[], count: number): LikelyCategory | null {
  if (categories.length === 0) return null;
  const votes = new Map<string, number>();
  for (const category of categories) votes.set(category, (votes.get(category) ?? 0) + 1);
  const most = Math.max(...votes.values());
  // Each vote makes a category likelier by this factor; relative to the likeliest one, so that nothing overflows.
  const error = (1 - assumedAccuracy) / (count - 1);
  const ratio = error / assumedAccuracy;
  let sum = 0;
  for (const n of votes.values()) sum += repeated(ratio, most - n);
  sum += Math.max(0, count - votes.size) * repeated(ratio, most);
  const [category] = [...votes].find(([, n]) => n === most)!;
  return { category, probability: 1 / sum };
}

/** What becomes of an item: whether it is settled, and how many answers it needs as far as is known. */
export interface ItemState {
  readonly isSettled: boolean;
  readonly wanted: number;
  readonly likely: LikelyCategory | null;
}

/**
 * Judges an item by its answers. It is settled with `atLeast` answers of which the likeliest category is sure enough,
 * or with `atMost`. While it is not, one answer more is asked for at a time.
 * @param count null: its answers have no categories, and `atLeast` of them are enough
 */
export function judgeItem(
  { atLeast, atMost, sureAt }: FeedbackOverlap,
  answers: readonly (string | null)[],
  count: number | null,
): ItemState {
  const categories = answers.filter((category) => category !== null);
  const likely = count === null ? null : likelyCategory(categories, count);
  const enough = answers.length >= atLeast;
  const isSure = count === null || (sureAt !== null && likely !== null && likely.probability >= sureAt);
  const isSettled = enough && (isSure || answers.length >= atMost);
  return { isSettled, wanted: enough ? answers.length + (isSettled ? 0 : 1) : atLeast, likely };
}

function repeated(factor: number, times: number): number {
  let product = 1;
  for (let i = 0; i < times; i++) product *= factor;
  return product;
}
