import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { ClassWeights } from '../../protocol/heads.js';
import type { ClassWeightsInput } from './input.js';
import { checkWeight } from './weight.js';

/**
 * Class weights for the run, and the problems of the given ones.
 * @param path of `classWeights` in the input
 */
export function resolveClassWeights(
  input: ClassWeightsInput | null | undefined,
  labels: readonly string[],
  path: readonly string[],
): { readonly classWeights: ClassWeights; readonly problems: readonly InputProblem[] } {
  const kind = input?.kind ?? 'none';
  const weights = input?.weights ?? [];
  const listPath = [...path, 'weights'];
  if (kind !== 'explicit') {
    const needless = problem(listPath, 'INVALID_VALUE', 'Weights are given, but kind is not EXPLICIT.');
    return { classWeights: { kind }, problems: weights.length > 0 ? [needless] : [] };
  }
  const problems: InputProblem[] = [];
  if (weights.length === 0) problems.push(problem(listPath, 'REQUIRED', 'EXPLICIT needs weights.'));
  for (const [i, { label, weight }] of weights.entries()) {
    const at = [...listPath, String(i)];
    if (!labels.includes(label)) {
      const message = `The training split has no label “${label}”.`;
      problems.push(problem([...at, 'label'], 'UNKNOWN_LABEL', message, namesHint(label, labels)));
    }
    if (weights.findIndex((each) => each.label === label) !== i) {
      problems.push(problem([...at, 'label'], 'INVALID_VALUE', `The label “${label}” already has a weight.`));
    }
    problems.push(...checkWeight(weight, [...at, 'weight']));
  }
  return { classWeights: { kind, weights: weights.map(({ label, weight }) => ({ label, weight })) }, problems };
}
