import type { RewardRule } from '../protocol/rewards/reward-rule.js';
import type { RewardSourceInput } from './reward.input.js';

/** The rule that an input says, unchecked. The input has exactly one field, and that one is of a rule. */
export function ruleOf(by: RewardSourceInput): RewardRule {
  if (by.lengthRange != null) {
    const { unit, least, most } = by.lengthRange;
    return { kind: 'lengthRange', unit, least, most: most ?? null };
  }
  if (by.lengthTarget != null) return { kind: 'lengthTarget', ...by.lengthTarget };
  if (by.lengthCost != null) return { kind: 'lengthCost', ...by.lengthCost };
  if (by.overlong != null) return { kind: 'overlong', ...by.overlong };
  if (by.pattern != null) return { kind: 'pattern', ...by.pattern };
  if (by.choice != null) {
    const { choices, ignoreCase, answerPattern } = by.choice;
    return { kind: 'choice', choices, ignoreCase, answerPattern: answerPattern ?? null };
  }
  if (by.equals != null) {
    const { column, ignoreCase, answerPattern } = by.equals;
    return { kind: 'equals', column, ignoreCase, answerPattern: answerPattern ?? null };
  }
  if (by.number != null) {
    const { column, absolute, relative, answerPattern } = by.number;
    return { kind: 'number', column, absolute, relative, answerPattern: answerPattern ?? null };
  }
  if (by.jsonSchema != null) return { kind: 'jsonSchema', ...by.jsonSchema };
  if (by.forbiddenWords != null) {
    const { words, columns, ignoreCase } = by.forbiddenWords;
    return { kind: 'forbiddenWords', words: words ?? [], columns: [...new Set(columns ?? [])], ignoreCase };
  }
  return { kind: 'repetition', n: by.repetition!.n };
}
