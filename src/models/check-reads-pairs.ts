import { type InputProblem, problem } from '../problems/problem.js';
import { type ArchitectureConfig, traitsOf } from '../protocol/architectures/index.js';
import { rewardHeadOf } from '../protocol/heads.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { familyName } from './family-name.js';

/** A problem unless models of this family read two texts at a time. */
export function checkReadsPairs(config: ArchitectureConfig, path: readonly string[]): InputProblem[] {
  if (traitsOf(config).readsPairs) return [];
  const message = `Models of the family ${familyName(config)} read single texts only.`;
  return [problem(path, 'INVALID_VALUE', message, 'Choose a model of the BERT family for tasks on pairs of texts.')];
}

/**
 * A problem unless a model as it is reads two texts at a time: a reward model of any family reads a prompt and an
 * answer, as in its training.
 */
export function checkModelReadsPairs(
  { config, heads }: Pick<ModelManifest, 'config' | 'heads'>,
  path: readonly string[],
): InputProblem[] {
  return rewardHeadOf({ heads }) === null ? checkReadsPairs(config, path) : [];
}
