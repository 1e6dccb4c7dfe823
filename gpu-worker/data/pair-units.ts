import { leastUnits } from '../../src/statistics/bootstrap.js';
import { stronglyConnected } from '../../src/statistics/ranking/components.js';
import type { Preferences } from './preferences.js';

/**
 * What pairs of answers have to share to count as dependent, as a number of each text, [N]: its prompt; or, of fewer
 * prompts than say anything about others, the answer itself. Answers without prompts have all the same, empty one.
 */
export function pairUnits({ prompts, texts }: Pick<Preferences, 'prompts' | 'texts'>): Int32Array {
  if (new Set(prompts).size >= leastUnits) return prompts;
  const numberOf = new Map<string, number>();
  return Int32Array.from(prompts, (_, text) => {
    const key = texts.ids.subarray(texts.offsets[text]!, texts.offsets[text + 1]!).join(' ');
    const number = numberOf.get(key) ?? numberOf.size;
    numberOf.set(key, number);
    return number;
  });
}

/**
 * Groups of pairs that depend on each other, directly or through other pairs: those of one prompt, or that share
 * answers.
 *
 * @param units of both answers of each pair, [P] (`pairUnits`)
 * @returns a number of each pair's group, [P]
 */
export function pairGroups(units: readonly (readonly [number, number])[]): Int32Array {
  const count = units.reduce((most, pair) => Math.max(most, ...pair), -1) + 1;
  const bothWays = units.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]);
  const groupOf = new Int32Array(count);
  for (const [group, members] of stronglyConnected(count, bothWays).entries()) {
    for (const unit of members) groupOf[unit] = group;
  }
  return Int32Array.from(units, ([one]) => groupOf[one]!);
}
