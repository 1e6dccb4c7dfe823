import { type InputProblem, problem } from '../problems/problem.js';
import { rewardLimits as limits } from '../protocol/rewards/reward-limits.js';
import type { RewardRule } from '../protocol/rewards/reward-rule.js';

/** What a rule's values show; whether its pattern or schema can be read shows when it is opened. */
export function checkRule(rule: RewardRule, path: readonly string[]): InputProblem[] {
  const at = (field: string) => [...path, field];
  const inRange = (field: string, value: number, least: number, most: number): InputProblem[] =>
    value >= least && value <= most
      ? []
      : [problem(at(field), 'INVALID_VALUE', `The value must be from ${least} to ${most}; it is ${value}.`)];
  switch (rule.kind) {
    case 'lengthRange': {
      const problems = inRange('least', rule.least, 0, limits.maxLength);
      if (rule.most === null) {
        if (problems.length > 0 || rule.least > 0) return problems;
        return [problem(at('most'), 'REQUIRED', 'Every length lies in this range.', 'Give `least`, `most` or both.')];
      }
      return [...problems, ...inRange('most', rule.most, rule.least, limits.maxLength)];
    }
    case 'lengthTarget':
      return [
        ...inRange('target', rule.target, 0, limits.maxLength),
        ...inRange('tolerance', rule.tolerance, 1, limits.maxLength),
      ];
    case 'lengthCost':
      if (rule.cost > 0 && rule.cost <= limits.maxWeight) return [];
      return [problem(at('cost'), 'INVALID_VALUE', `The cost must be above 0, up to ${limits.maxWeight}.`)];
    case 'overlong':
      return [
        ...inRange('most', rule.most, 1, limits.maxLength),
        ...inRange('buffer', rule.buffer, 1, Math.max(1, rule.most)),
      ];
    case 'choice':
      return checkTexts(rule.choices, at('choices'), 1);
    case 'number':
      return [
        ...inRange('absolute', rule.absolute, 0, Number.MAX_VALUE),
        ...inRange('relative', rule.relative, 0, Number.MAX_VALUE),
      ];
    case 'forbiddenWords':
      if (rule.words.length === 0 && rule.columns.length === 0) {
        return [problem(at('words'), 'REQUIRED', 'No word is forbidden.', 'Give `words`, `columns` or both.')];
      }
      return checkTexts(rule.words, at('words'), 0);
    case 'repetition':
      return inRange('n', rule.n, 1, limits.maxNgram);
    case 'pattern':
    case 'equals':
    case 'jsonSchema':
      return [];
    default:
      return rule satisfies never;
  }
}

function checkTexts(texts: readonly string[], path: readonly string[], least: number): InputProblem[] {
  if (texts.length < least) return [problem(path, 'REQUIRED', 'There are no texts.')];
  if (texts.length > limits.maxTexts) {
    return [problem(path, 'TOO_LONG', `There are ${texts.length} texts, and ${limits.maxTexts} are allowed.`)];
  }
  return texts.flatMap((text, i) => {
    const at = [...path, String(i)];
    if (text.trim() === '') return [problem(at, 'INVALID_VALUE', 'The text is empty.')];
    if (text.length <= limits.maxTextCharacters) return [];
    return [problem(at, 'TOO_LONG', `A text here has at most ${limits.maxTextCharacters} characters.`)];
  });
}
