import { type InputProblem, problem } from '../problems/problem.js';
import type { ArchitectureConfig } from '../protocol/model-manifest.js';

/** Whether models of this family read two texts at a time. */
export function checkReadsPairs({ architecture }: ArchitectureConfig, path: readonly string[]): InputProblem[] {
  if (architecture !== 'use-lite') return [];
  const message = 'Models of the family USE_LITE read single texts only.';
  return [problem(path, 'INVALID_VALUE', message, 'Choose a model of the BERT family for tasks on pairs of texts.')];
}
