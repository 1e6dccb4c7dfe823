import { type InputProblem, problem } from '../problems/problem.js';
import type { ModelSourceInput } from './model-import.input.js';

/** Only files have a head that can give rewards; which one they have, the worker reads. */
export function checkRewardModel(
  { configuration }: ModelSourceInput,
  isRewardModel: boolean | null | undefined,
): InputProblem[] {
  if (configuration == null || isRewardModel !== true) return [];
  const message = 'A model that is made of a configuration has no head, and so gives no rewards.';
  const hint = 'Leave it out, and train a head by `rewardModelling`.';
  return [problem(['isRewardModel'], 'INVALID_VALUE', message, hint)];
}
