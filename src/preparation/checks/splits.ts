import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type {
  AssignFolds,
  DrawSplits,
  KeepSplits,
  RenameSplits,
  SplitByTime,
  SplitFromColumn,
} from '../../protocol/preparation/steps/splits.js';
import { maxSplits, splitName } from '../split-names.js';
import { checkCuts } from './cuts.js';
import { checkFractions } from './fractions.js';

export type SplitStep = DrawSplits | SplitByTime | SplitFromColumn | RenameSplits | KeepSplits | AssignFolds;

/** The most folds: each is a split of some version. */
const mostFolds = maxSplits;

/** What is wrong with a step about splits, whatever the rows are. */
export function checkSplitStep(step: SplitStep): InputProblem[] {
  switch (step.kind) {
    case 'drawSplits':
      return [...checkFractions(step.fractions, ['fractions']), ...checkDrawnRows(step)];
    case 'splitByTime':
      return checkTimes(step);
    case 'splitFromColumn':
      return checkName(step.splitOfMissing, ['splitOfMissing']);
    case 'renameSplits':
      return checkRenamed(step);
    case 'keepSplits':
      return checkSome(step.splits, ['splits']);
    case 'assignFolds':
      return checkFolds(step);
    default:
      return step satisfies never;
  }
}

/** What is wrong with names of splits that rows should have. */
export function checkKnownSplits(
  names: readonly string[],
  known: readonly string[],
  path: readonly string[],
): InputProblem[] {
  return names.flatMap((name, i) =>
    known.includes(name)
      ? []
      : [
          problem(
            [...path, String(i)],
            'UNKNOWN_SPLIT',
            `No row is in a split “${name}” at this step.`,
            known.length === 0 ? 'Assign splits first.' : namesHint(name, known),
          ),
        ],
  );
}

function checkDrawnRows({ onlyUnassigned, fromSplits, stratifyBy, refuseMissingLabels }: DrawSplits): InputProblem[] {
  const problems = fromSplits === null ? [] : checkSome(fromSplits, ['fromSplits']);
  if (onlyUnassigned && fromSplits !== null) {
    const message = 'Rows that have no split yet are in none of the splits that are named.';
    problems.push(problem(['fromSplits'], 'INVALID_VALUE', message, 'Give one of onlyUnassigned and fromSplits.'));
  }
  if (refuseMissingLabels && stratifyBy === null) {
    const message = 'Whether a label is missing in a split is asked of no column.';
    problems.push(problem(['refuseMissingLabels'], 'INVALID_VALUE', message, 'Name the column in stratifyBy.'));
  }
  return problems;
}

function checkTimes({ splits, fractions, cuts, splitOfMissing }: SplitByTime): InputProblem[] {
  const missing = checkName(splitOfMissing, ['splitOfMissing']);
  if ((fractions === null) === (cuts === null)) {
    const message = 'Splits by time take either the fraction of each split, or where each begins.';
    return [...missing, problem(['fractions'], 'INVALID_VALUE', message, 'Give one of fractions and cuts.')];
  }
  if (fractions !== null) {
    if (fractions.length !== splits.length) {
      const message = `There are ${splits.length} splits and ${fractions.length} fractions.`;
      return [...missing, problem(['fractions'], 'INVALID_VALUE', message, 'Give each split its fraction.')];
    }
    const named = splits.map((name, i) => ({ name, fraction: fractions[i]! }));
    return [...missing, ...checkFractions(named, ['fractions']).map(atTimes)];
  }
  const problems = [...missing, ...checkNames(splits, ['splits'])];
  if (cuts!.length !== splits.length - 1) {
    const message = `${splits.length} splits are parted by ${splits.length - 1} cuts, not ${cuts!.length}.`;
    problems.push(problem(['cuts'], 'INVALID_VALUE', message, 'Give where each split but the first begins.'));
  }
  return [...problems, ...checkCuts(cuts!, null)];
}

/** A problem of a name and its fraction, at the lists of both. */
function atTimes(found: InputProblem): InputProblem {
  const [, index, field] = found.path;
  if (index === undefined) return found;
  return { ...found, path: [field === 'fraction' ? 'fractions' : 'splits', index] };
}

function checkRenamed({ names }: RenameSplits): InputProblem[] {
  if (names.length === 0) return [problem(['names'], 'REQUIRED', 'No split is named.')];
  return names.flatMap(({ from, to }, i) => {
    const twice = names.findIndex((other) => other.from === from) < i;
    return [
      ...(twice ? [problem(['names', String(i), 'from'], 'INVALID_VALUE', `“${from}” gets two names.`)] : []),
      ...checkName(to, ['names', String(i), 'to']),
    ];
  });
}

function checkFolds({ column, folds, ofSplits }: AssignFolds): InputProblem[] {
  const problems = ofSplits === null ? [] : checkSome(ofSplits, ['ofSplits']);
  if (column.trim() === '') problems.push(problem(['column'], 'INVALID_COLUMN_NAME', 'The new column has no name.'));
  if (folds < 2 || folds > mostFolds) {
    problems.push(problem(['folds'], 'INVALID_VALUE', `There must be 2 to ${mostFolds} folds, not ${folds}.`));
  }
  return problems;
}

function checkSome(names: readonly string[], path: readonly string[]): InputProblem[] {
  if (names.length === 0) return [problem(path, 'REQUIRED', 'No split is named.')];
  return names.flatMap((name, i) =>
    names.indexOf(name) < i ? [problem([...path, String(i)], 'INVALID_VALUE', `“${name}” is named twice.`)] : [],
  );
}

function checkNames(names: readonly string[], path: readonly string[]): InputProblem[] {
  if (names.length > maxSplits) {
    return [problem(path, 'INVALID_VALUE', `There must be 1 to ${maxSplits} splits, not ${names.length}.`)];
  }
  return [...checkSome(names, path), ...names.flatMap((name, i) => checkName(name, [...path, String(i)]))];
}

function checkName(name: string | null, path: readonly string[]): InputProblem[] {
  if (name === null || splitName.test(name)) return [];
  return [problem(path, 'INVALID_VALUE', `“${name}” cannot name a split.`, 'Use letters, digits, _ and -.')];
}
