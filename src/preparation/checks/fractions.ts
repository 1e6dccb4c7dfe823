import { type InputProblem, problem } from '../../problems/problem.js';
import { maxSplits, splitName } from '../split-names.js';

/** 0.8 + 0.1 + 0.1 is not exactly 1 in binary. */
const sumTolerance = 1e-9;

/** What is wrong with names of splits and their fractions. */
export function checkFractions(
  fractions: readonly { readonly name: string; readonly fraction: number }[],
  path: readonly string[],
): InputProblem[] {
  if (fractions.length === 0 || fractions.length > maxSplits) {
    return [problem(path, 'INVALID_VALUE', `There must be 1 to ${maxSplits} splits, not ${fractions.length}.`)];
  }
  const problems = fractions.flatMap(({ name, fraction }, index): InputProblem[] => {
    const at = [...path, String(index)];
    if (!splitName.test(name)) {
      return [
        problem([...at, 'name'], 'INVALID_VALUE', `“${name}” cannot name a split.`, 'Use letters, digits, _ and -.'),
      ];
    }
    if (fractions.findIndex((other) => other.name === name) < index) {
      return [problem([...at, 'name'], 'INVALID_VALUE', `There are two splits named “${name}”.`)];
    }
    if (!(fraction > 0 && fraction <= 1)) {
      return [problem([...at, 'fraction'], 'INVALID_VALUE', `A fraction of ${fraction} is not above 0 and up to 1.`)];
    }
    return [];
  });
  const sum = fractions.reduce((all, { fraction }) => all + fraction, 0);
  if (problems.length === 0 && Math.abs(sum - 1) > sumTolerance) {
    problems.push(problem(path, 'INVALID_VALUE', `The fractions sum to ${sum}, not 1.`));
  }
  return problems;
}
