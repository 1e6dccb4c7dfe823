import { type InputProblem, problem } from '../problems/problem.js';
import { type ArchitectureConfig, traitsOf } from '../protocol/architectures/index.js';
import { familyName } from './family-name.js';

/** Whether heads that read the states of tokens are trained on models of this family. */
export function checkTokenHeads(config: ArchitectureConfig, path: readonly string[]): InputProblem[] {
  if (traitsOf(config).hasTokenHeads) return [];
  const message = `Models of the family ${familyName(config)} have no heads of tokens.`;
  return [problem(path, 'UNSUPPORTED_MODEL', message, 'Choose a model of the BERT family to tag words.')];
}
