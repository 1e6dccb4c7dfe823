import { countNumbers, type TargetFacts } from '../../datasets/targets.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { ResolvedSplits } from './labels.js';

/** What speaks against learning the numbers of a column. @param path of the column in the input */
export function checkNumbers(
  column: string,
  facts: TargetFacts,
  { train, validation }: ResolvedSplits,
  path: readonly string[],
): InputProblem[] {
  const splits = validation === null ? [train] : [train, validation];
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
  if (learnt !== undefined && learnt.count > 0 && learnt.minimum === learnt.maximum) {
    const message = `In the split “${train}” every number of the column “${column}” is ${learnt.minimum}.`;
    problems.push(problem(path, 'INVALID_VALUE', message, 'There is nothing to learn: choose another column.'));
  }
  return problems;
}
