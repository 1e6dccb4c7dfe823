import type { UnknownTargets } from '../../src/protocol/evaluation-scores.js';
import { storableText } from '../../src/protocol/storable-text.js';
import { noTarget } from '../losses/cross-entropy.js';

/** Labels are kept in results, whose readers need some to recognize the rest by. */
const mostLabels = 100;
const mostCharacters = 200;

/** The unknown labels among class numbers, each as often as it occurs: C + i is `unknown[i]`. */
export function unknownAmong(classes: Int32Array, unknown: readonly string[], classCount: number): string[] {
  if (unknown.length === 0) return [];
  return Array.from(classes)
    .filter((number) => number !== noTarget && number >= classCount)
    .map((number) => unknown[number - classCount]!);
}

/**
 * Labels that a head does not know, as results name them: the most frequent first, and equally frequent ones in the
 * order of their characters' codes. Null without any.
 *
 * @param labels each as often as it occurs
 * @param count examples that have such a label, or words
 */
export function describeUnknown(labels: readonly string[], count = labels.length): UnknownTargets | null {
  if (count === 0) return null;
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = [...counts].sort(([left, n], [right, m]) => m - n || (left < right ? -1 : 1));
  return {
    count,
    labelCount: sorted.length,
    labels: sorted.slice(0, mostLabels).map(([label, count]) => ({ label: beginning(label), count })),
  };
}

/** The beginning of a label. */
function beginning(label: string): string {
  const characters = Array.from(label.slice(0, 2 * mostCharacters)).slice(0, mostCharacters);
  return storableText(characters.join(''));
}
