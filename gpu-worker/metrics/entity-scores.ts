import type { EntityScores } from '../../src/protocol/evaluation-scores.js';
import { averageScores, microAverage, scoresOf } from './averages.js';
import { spansOf } from './tag-spans.js';

/** IOB2 tags of the words of one example. */
export interface TaggedExample {
  readonly actual: readonly string[];
  /** As long as `actual`. */
  readonly predicted: readonly string[];
}

/**
 * Counts and scores of predicted entities, for each type: an entity is right if its first word, last word and type are.
 * Equal to seqeval's `classification_report` in its default mode, with `zero_division=0`. Types that are neither true
 * nor predicted do not occur, and do not count in the averages.
 */
export function scoreEntities(examples: Iterable<TaggedExample>): EntityScores {
  const counts = new Map<string, { truePositives: number; predicted: number; support: number }>();
  const countsOf = (type: string) => {
    const found = counts.get(type) ?? { truePositives: 0, predicted: 0, support: 0 };
    counts.set(type, found);
    return found;
  };
  for (const { actual, predicted } of examples) {
    const actualSpans = spansOf(actual, 'iob2');
    const starts = new Map(actualSpans.map((span) => [span.first, span]));
    for (const { label } of actualSpans) countsOf(label).support++;
    for (const { label, first, last } of spansOf(predicted, 'iob2')) {
      const found = countsOf(label);
      found.predicted++;
      const match = starts.get(first);
      if (match?.label === label && match.last === last) found.truePositives++;
    }
  }
  const perType = [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, found]) => ({ label, ...found, ...scoresOf(found) }));
  return {
    micro: microAverage(perType),
    macro: averageScores(perType, () => 1),
    weighted: averageScores(perType, ({ support }) => support),
    perType,
  };
}
