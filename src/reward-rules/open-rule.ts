import type { InputProblem } from '../problems/problem.js';
import type { RewardRule } from '../protocol/rewards/reward-rule.js';
import type { Completion } from '../protocol/rewards/scored-completion.js';
import { openAnswer } from './answer.js';
import { openForbiddenWords } from './forbidden-words.js';
import { openSchema } from './json-schema.js';
import { lengthOf } from './length.js';
import { numberIn } from './number-in.js';
import { openPattern } from './pattern.js';
import { repetitionOf } from './repetition.js';

/** What a rule says of a completion; NaN: it can not say anything, such as without a value in the column. */
export type ScoreByRule = (completion: Pick<Completion, 'text' | 'tokenCount' | 'row'>) => number;

/** A rule as a function, or what is wrong with it; paths begin at the rule. */
export function openRule(rule: RewardRule): ScoreByRule | InputProblem {
  switch (rule.kind) {
    case 'lengthRange':
      return (completion) => {
        const length = lengthOf(completion, rule.unit);
        return length >= rule.least && (rule.most === null || length <= rule.most) ? 1 : 0;
      };
    case 'lengthTarget':
      return (completion) => Math.max(0, 1 - Math.abs(lengthOf(completion, rule.unit) - rule.target) / rule.tolerance);
    case 'lengthCost':
      return (completion) => {
        const length = lengthOf(completion, rule.unit);
        return length === 0 ? 0 : -rule.cost * length;
      };
    case 'overlong':
      return (completion) => {
        const over = lengthOf(completion, rule.unit) - (rule.most - rule.buffer);
        return over <= 0 ? 0 : Math.max(-1, -over / rule.buffer);
      };
    case 'pattern': {
      const pattern = openPattern(rule.pattern, rule.ignoreCase, ['pattern']);
      if ('code' in pattern) return pattern;
      return ({ text }) => (pattern[rule.whole ? 'isWhole' : 'isIn'](text) ? 1 : 0);
    }
    case 'choice': {
      const answer = openAnswer(rule.answerPattern);
      if ('code' in answer) return answer;
      const choices = new Set(rule.choices.map((choice) => folded(choice, rule.ignoreCase)));
      return ({ text }) => {
        const said = answer.of(text);
        return said !== null && choices.has(folded(said, rule.ignoreCase)) ? 1 : 0;
      };
    }
    case 'equals': {
      const answer = openAnswer(rule.answerPattern);
      if ('code' in answer) return answer;
      return ({ text, row }) => {
        const wanted = row[rule.column] ?? null;
        if (wanted === null) return Number.NaN;
        const said = answer.of(text);
        return said !== null && folded(said, rule.ignoreCase) === folded(wanted, rule.ignoreCase) ? 1 : 0;
      };
    }
    case 'number': {
      const answer = openAnswer(rule.answerPattern);
      if ('code' in answer) return answer;
      return ({ text, row }) => {
        const wanted = numberIn(row[rule.column] ?? '');
        if (wanted === null) return Number.NaN;
        const said = numberIn(answer.of(text) ?? '');
        const tolerance = Math.max(rule.absolute, rule.relative * Math.abs(wanted));
        return said !== null && Math.abs(said - wanted) <= tolerance ? 1 : 0;
      };
    }
    case 'jsonSchema': {
      const schema = openSchema(rule.schema, rule.inCodeBlock);
      if ('code' in schema) return schema;
      return ({ text }) => Number(schema.allows(text));
    }
    case 'forbiddenWords': {
      const isIn = openForbiddenWords(rule.words, rule.ignoreCase);
      return ({ text, row }) =>
        isIn(
          text,
          rule.columns.map((column) => row[column] ?? ''),
        )
          ? -1
          : 0;
    }
    case 'repetition':
      return ({ text }) => repetitionOf(text, rule.n);
    default:
      return rule satisfies never;
  }
}

function folded(text: string, ignoreCase: boolean): string {
  const trimmed = text.trim().normalize('NFC');
  return ignoreCase ? trimmed.toLowerCase() : trimmed;
}
