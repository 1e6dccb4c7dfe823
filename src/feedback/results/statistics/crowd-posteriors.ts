import type { FeedbackQuestion } from '../../../protocol/feedback.js';
import { indexAnswers } from '../../../statistics/answers.js';
import { requireCrowdlab, sharesOf } from './likely.js';
import type { FittedPosteriors, JudgedItem } from './posteriors.js';
import { requireRoom } from './refused.js';
import { categoriesOf, unitsOf } from './units.js';

/** An item with what a classifier said of it. */
export interface PredictedJudgedItem extends JudgedItem {
  /** JSON, as `PredictedItem` has it; null: no classifier said anything. */
  readonly predicted: string | null;
}

/**
 * What people and a classifier together say of each item, by CROWDLAB: the probabilities of `likelyAnswers`. Of items
 * of which the classifier said nothing there are none.
 * @throws StatisticsError CROWDLAB has no result
 * @throws RefusedError there are too many items and categories
 */
export function crowdPosteriorsOf(question: FeedbackQuestion, items: readonly PredictedJudgedItem[]): FittedPosteriors {
  const labels = categoriesOf(question);
  const hint = 'Choose another policy, such as `majority`, or split the items among several tasks.';
  const votes = items.reduce((sum, { answers }) => sum + answers.length, 0);
  requireRoom({ units: items.length, categories: labels.length, votes }, ['policy', 'crowdlab'], hint);
  const shares = sharesOf(
    labels,
    items.flatMap(({ predicted }, i) => (predicted === null ? [] : [{ item: String(i), labels: predicted }])),
  );
  const answers = items.flatMap(({ content, answers: given }, i) => {
    if (!shares.has(String(i))) return [];
    const [unit] = unitsOf(question, content);
    return given.flatMap(({ userId, value }) => {
      const label = unit!.categoryOf(value);
      return label === null ? [] : [{ unit: String(i), annotator: userId, label }];
    });
  });
  const table = indexAnswers(answers, labels);
  const probabilities = new Float64Array(items.length * labels.length).fill(Number.NaN);
  for (const { unit, probabilities: found } of requireCrowdlab(table, shares).units) {
    probabilities.set(found, Number(unit) * labels.length);
  }
  return {
    items: items.map(({ id }) => id),
    starts: Int32Array.from({ length: items.length + 1 }, (_, i) => i),
    probabilities,
  };
}
