import type { FeedbackOverlap } from '../protocol/feedback.js';
import { judgeOverlap } from '../statistics/next-units/overlap.js';

/** How often a person is taken to be right. What the statistics of a task learn of people is not waited for. */
const assumedAccuracy = 0.8;

/** What becomes of an item: whether it is settled, and how many answers it needs as far as is known. */
export interface ItemState {
  readonly isSettled: boolean;
  readonly wanted: number;
  /** The likeliest category, the first given of several; null without answers that have one. */
  readonly likely: { readonly category: string; readonly probability: number } | null;
}

/**
 * Judges an item by its answers. It is settled with `atLeast` answers of which the likeliest category is sure enough,
 * or with `atMost`. While it is not, one answer more is asked for at a time. Categories are equally likely before the
 * first answer, and a person is right with probability 0.8.
 *
 * @param answers their categories, in the order in which they came
 * @param count K, into how many categories answers can fall; null: into none, and `atLeast` of them are enough
 */
export function judgeItem(
  { atLeast, atMost, sureAt }: FeedbackOverlap,
  answers: readonly (string | null)[],
  count: number | null,
): ItemState {
  const enough = answers.length >= atLeast;
  const state = (isSettled: boolean, likely: ItemState['likely']): ItemState => ({
    isSettled,
    wanted: enough ? answers.length + (isSettled ? 0 : 1) : atLeast,
    likely,
  });
  if (count === null) return state(enough, null);
  const given = [...new Set(answers)];
  const size = Math.max(2, count, given.length);
  const votes = answers.map((category) => ({ label: given.indexOf(category), accuracy: assumedAccuracy }));
  const { probabilities, label } = judgeOverlap(votes, new Float64Array(size).fill(1 / size));
  const category = given[label] ?? null;
  const likely = category === null ? null : { category, probability: probabilities[label]! };
  const isSure = sureAt !== null && likely !== null && likely.probability >= sureAt;
  return state(enough && (isSure || answers.length >= atMost), likely);
}
