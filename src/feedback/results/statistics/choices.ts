import { bothGood, neither } from '../../../protocol/feedback/categories.js';
import type { FeedbackQuestion } from '../../../protocol/feedback.js';

/** The first and the second answer of an item, in place of their keys, which may differ from item to item. */
export const firstAnswer = ':FIRST';
export const secondAnswer = ':SECOND';

/**
 * All categories that answers can fall into, of kinds in which they mean the same for every item; null for others.
 * Those of scales are in ascending order.
 */
export function choicesOf(question: FeedbackQuestion): readonly string[] | null {
  switch (question.kind) {
    case 'pairwise':
      return [firstAnswer, secondAnswer, bothGood, neither];
    case 'rating':
      return Array.from({ length: question.to - question.from + 1 }, (_, place) => String(question.from + place));
    case 'labels':
      return question.several ? null : question.classes;
    case 'thumbs':
      return ['UP', 'DOWN'];
    case 'ranking':
    case 'spans':
    case 'correction':
    case 'demonstration':
      return null;
    default:
      return question satisfies never;
  }
}

/**
 * A category that means the same for all items: of a pair, the better answer's place in the item.
 * @param firstKey the key of the first of the two; null: the item is no pair
 */
export function commonCategory(category: string, firstKey: string | null): string {
  if (firstKey === null || category === bothGood || category === neither) return category;
  return category === firstKey ? firstAnswer : secondAnswer;
}
