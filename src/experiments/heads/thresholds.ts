import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { Thresholds } from '../../protocol/heads.js';
import type { ThresholdsInput } from './input.js';

/**
 * Thresholds for the run, and the problems of the given ones.
 * @param path of `thresholds` in the input
 */
export function resolveThresholds(
  input: ThresholdsInput | null | undefined,
  labels: readonly string[],
  path: readonly string[],
): { readonly thresholds: Thresholds; readonly problems: readonly InputProblem[] } {
  const given = input?.thresholds ?? [];
  const listPath = [...path, 'thresholds'];
  if (input?.kind !== 'given') {
    const needless = problem(listPath, 'INVALID_VALUE', 'Thresholds are given, but kind is not GIVEN.');
    return { thresholds: { kind: 'chosen' }, problems: given.length > 0 ? [needless] : [] };
  }
  const problems: InputProblem[] = [];
  if (given.length === 0) {
    const hint =
      'Give the threshold of at least one label, or take CHOSEN, which chooses them on the validation split.';
    problems.push(problem(listPath, 'REQUIRED', 'GIVEN needs thresholds.', hint));
  }
  for (const [i, { label, threshold }] of given.entries()) {
    const at = [...listPath, String(i)];
    if (!labels.includes(label)) {
      const message = `The training split has no label “${label}”.`;
      problems.push(problem([...at, 'label'], 'UNKNOWN_LABEL', message, namesHint(label, labels)));
    }
    if (given.findIndex((each) => each.label === label) !== i) {
      problems.push(problem([...at, 'label'], 'INVALID_VALUE', `The label “${label}” already has a threshold.`));
    }
    if (!(threshold > 0 && threshold < 1)) {
      problems.push(problem([...at, 'threshold'], 'INVALID_VALUE', 'Must be between 0 and 1, both excluded.'));
    }
  }
  return {
    thresholds: { kind: 'given', thresholds: given.map(({ label, threshold }) => ({ label, threshold })) },
    problems,
  };
}
