import { checkNumberRange, countNumbers, type TargetFacts } from '../../datasets/targets.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { largestTarget } from '../../protocol/heads.js';
import type { ResolvedSplits } from './labels.js';

/**
 * The problems that prevent learning the numbers of a column.
 * @param path of the column in the input
 */
export function checkNumbers(
  column: string,
  facts: TargetFacts,
  { train, validation }: ResolvedSplits,
  path: readonly string[],
): InputProblem[] {
  const splits = validation === null || validation === train ? [train] : [train, validation];
  const problems: InputProblem[] = splits
    .filter((split) => countNumbers(facts, column, split) === 0)
    .map((split) =>
      problem(
        path,
        'EMPTY_SPLIT',
        `In the split “${split}” no example has a number in the column “${column}”.`,
        'Choose another column or split.',
      ),
    );
  const learnt = facts.numbers[column]?.find(({ split }) => split === train);
  const [minimum, maximum] = [learnt?.minimum ?? null, learnt?.maximum ?? null];
  if (minimum !== null && maximum !== null && maximum - minimum < 1 / largestTarget) {
    const message =
      minimum === maximum
        ? `In the split “${train}” every number of the column “${column}” is ${minimum}.`
        : `In the split “${train}” the numbers of the column “${column}” differ by ${maximum - minimum} at most.`;
    problems.push(problem(path, 'INVALID_VALUE', message, 'Such numbers can not be learnt: choose another column.'));
  }
  return [...problems, ...checkNumberRange(facts, column, splits, path)];
}
