import { leastUnits } from '../../src/statistics/bootstrap.js';
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
