import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { detectableLanguages } from '../../protocol/preparation/languages.js';
import type {
  FilterLanguage,
  FilterLength,
  FilterRows,
  RowCondition,
  SampleRows,
} from '../../protocol/preparation/steps/filters.js';
import { isProblem, readPattern } from '../linear-pattern.js';
import { checkNewColumnName } from './new-column-name.js';

export type FilterStep = FilterRows | FilterLength | FilterLanguage | SampleRows;

const maxConditions = 200;
const maxDepth = 10;
const maxValues = 10_000;
const maxValueLength = 10_000;

/** What is wrong with a step that drops rows, whatever the rows are. */
export function checkFilterStep(step: FilterStep): InputProblem[] {
  switch (step.kind) {
    case 'filterRows':
      return checkConditions(step.where);
    case 'filterLength':
      return checkLengths(step);
    case 'filterLanguage':
      return checkLanguages(step);
    case 'sampleRows':
      return checkSample(step);
    default:
      return step satisfies never;
  }
}

function checkConditions(where: RowCondition): InputProblem[] {
  let count = 0;
  const visit = (condition: RowCondition, path: readonly string[], depth: number): InputProblem[] => {
    count += 1;
    if (count > maxConditions) return [];
    if (depth > maxDepth) {
      return [problem(path, 'TOO_LONG', `Conditions lie at most ${maxDepth} deep within each other.`)];
    }
    switch (condition.operator) {
      case 'and':
      case 'or': {
        const inner = [...path, 'conditions'];
        if (condition.conditions.length === 0) return [problem(inner, 'REQUIRED', 'There is no condition to join.')];
        return condition.conditions.flatMap((each, index) => visit(each, [...inner, String(index)], depth + 1));
      }
      case 'not':
        return visit(condition.condition, [...path, 'condition'], depth + 1);
      case 'matches': {
        const read = readPattern(condition.pattern, condition.ignoreCase, [...path, 'pattern']);
        return isProblem(read) ? [read] : [];
      }
      case 'in':
      case 'notIn':
        return checkValues(condition.values, [...path, 'values']);
      case 'inSplit':
        return condition.splits.length === 0 ? [problem([...path, 'splits'], 'REQUIRED', 'No split is named.')] : [];
      case 'isMissing':
      case 'isPresent':
        return [];
      default:
        return checkValues([condition.value], [...path, 'value']);
    }
  };
  const problems = visit(where, ['where'], 1);
  if (count <= maxConditions) return problems;
  return [problem(['where'], 'TOO_LONG', `A step has at most ${maxConditions} conditions.`), ...problems];
}

function checkValues(values: readonly unknown[], path: readonly string[]): InputProblem[] {
  if (values.length === 0) return [problem(path, 'REQUIRED', 'There is no value to compare with.')];
  if (values.length > maxValues) {
    return [problem(path, 'TOO_LONG', `A condition has at most ${maxValues} values, not ${values.length}.`)];
  }
  return values.some((value) => typeof value === 'string' && value.length > maxValueLength)
    ? [problem(path, 'TOO_LONG', `A value has at most ${maxValueLength} characters.`)]
    : [];
}

function checkLengths({ unit, atLeast, atMost, model }: FilterLength): InputProblem[] {
  const problems: InputProblem[] = [];
  if (atLeast === null && atMost === null) {
    problems.push(problem(['atLeast'], 'REQUIRED', 'No length is given.', 'Give atLeast, atMost, or both.'));
  }
  for (const [name, length] of Object.entries({ atLeast, atMost })) {
    if (length !== null && length < 0) problems.push(problem([name], 'INVALID_VALUE', 'A length is not negative.'));
  }
  if (atLeast !== null && atMost !== null && atLeast > atMost) {
    problems.push(
      problem(['atMost'], 'INVALID_VALUE', `No text has at least ${atLeast} and at most ${atMost} ${unit}.`),
    );
  }
  if (unit === 'tokens' && model === null) {
    problems.push(problem(['model'], 'REQUIRED', 'Tokens are those of a model, and none is named.'));
  }
  if (unit !== 'tokens' && model !== null) {
    problems.push(problem(['model'], 'INVALID_VALUE', `A model is of no use to count ${unit}.`, 'Leave it out.'));
  }
  return problems;
}

function checkLanguages({ action, languages, minConfidence, as }: FilterLanguage): InputProblem[] {
  const problems = as === null ? [] : checkNewColumnName(as, [], ['as']);
  if (action === 'MARK' && as === null) {
    problems.push(problem(['as'], 'REQUIRED', 'The new column for the languages has no name.'));
  }
  if (action !== 'MARK' && languages.length === 0) {
    problems.push(problem(['languages'], 'REQUIRED', 'No language is named.'));
  }
  if (action === 'MARK' && languages.length > 0) {
    const message = 'Where rows are only marked, languages select none of them.';
    problems.push(problem(['languages'], 'INVALID_VALUE', message, 'Leave them out, or take KEEP or DROP.'));
  }
  for (const [index, language] of languages.entries()) {
    if (detectableLanguages.includes(language)) continue;
    const message = `“${language}” is no language that can be detected.`;
    const hint = namesHint(language, detectableLanguages, 60);
    problems.push(problem(['languages', String(index)], 'INVALID_VALUE', message, hint));
  }
  if (!(minConfidence >= 0 && minConfidence <= 1)) {
    problems.push(problem(['minConfidence'], 'INVALID_VALUE', 'A confidence lies between 0 and 1.'));
  }
  return problems;
}

function checkSample({ count, share, seed }: SampleRows): InputProblem[] {
  const problems: InputProblem[] = [];
  if ((count === null) === (share === null)) {
    const message = 'A sample has either a count or a share.';
    problems.push(problem(['count'], 'INVALID_VALUE', message, 'Give one of count and share.'));
  }
  if (count !== null && count < 1) problems.push(problem(['count'], 'INVALID_VALUE', 'A sample has at least one row.'));
  if (share !== null && !(share > 0 && share <= 1)) {
    problems.push(problem(['share'], 'INVALID_VALUE', 'A share is greater than 0, and at most 1.'));
  }
  if (!Number.isSafeInteger(seed)) {
    problems.push(problem(['seed'], 'INVALID_VALUE', 'A seed lies between −(2⁵³ − 1) and 2⁵³ − 1.'));
  }
  return problems;
}
