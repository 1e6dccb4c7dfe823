import { z } from 'zod';
import { rewardLimits as limits } from './reward-limits.js';

const Length = z.number().int().min(0).max(limits.maxLength);
const Texts = z.array(z.string().min(1)).max(limits.maxTexts);

/** What a length counts. `tokens`: of the model that wrote. `words`: what stands between white space. */
export const LengthUnit = z.enum(['tokens', 'words', 'characters']);
export type LengthUnit = z.infer<typeof LengthUnit>;

/**
 * What is compared of a completion. Null: all of it, without the white space around it. Else what the pattern finds
 * last: its first group, or all of it where it has none. A completion without it scores 0.
 */
const AnswerPattern = z.string().min(1).nullable();

/** Rewards that are computed of a completion alone, or with the row of its prompt. Let L be the completion's length. */
export const RewardRule = z.discriminatedUnion('kind', [
  /** 1 where least ≤ L ≤ most, else 0. */
  z.object({ kind: z.literal('lengthRange'), unit: LengthUnit, least: Length, most: Length.nullable() }),
  /** max(0, 1 − |L − target| / tolerance). */
  z.object({ kind: z.literal('lengthTarget'), unit: LengthUnit, target: Length, tolerance: Length.min(1) }),
  /** −cost · L. */
  z.object({ kind: z.literal('lengthCost'), unit: LengthUnit, cost: z.number().gt(0) }),
  /**
   * The soft penalty for long completions of DAPO (Yu et al. 2025, equation 13): 0 where L ≤ most − buffer; −1 where
   * L > most; (most − buffer − L) / buffer between them.
   */
  z.object({ kind: z.literal('overlong'), unit: LengthUnit, most: Length.min(1), buffer: Length.min(1) }),
  /** 1 where RE2 finds the pattern (or the whole completion is one), else 0. */
  z.object({
    kind: z.literal('pattern'),
    pattern: z.string().min(1),
    ignoreCase: z.boolean(),
    whole: z.boolean(),
  }),
  /** 1 where the answer is one of the texts, else 0. */
  z.object({ kind: z.literal('choice'), choices: Texts.min(1), ignoreCase: z.boolean(), answerPattern: AnswerPattern }),
  /** 1 where the answer equals the column's text, else 0; white space around both does not count. */
  z.object({ kind: z.literal('equals'), column: z.string(), ignoreCase: z.boolean(), answerPattern: AnswerPattern }),
  /**
   * 1 where the last number in the answer is at most max(absolute, relative · |the column's number|) away from it, else
   * 0.
   */
  z.object({
    kind: z.literal('number'),
    column: z.string(),
    absolute: z.number().min(0),
    relative: z.number().min(0),
    answerPattern: AnswerPattern,
  }),
  /** 1 where the completion is a JSON value that the schema allows, else 0. */
  z.object({ kind: z.literal('jsonSchema'), schema: z.unknown(), inCodeBlock: z.boolean() }),
  /** −1 where one of the words, or of what the columns hold, stands in the completion by itself, else 0. */
  z.object({ kind: z.literal('forbiddenWords'), words: Texts, columns: z.array(z.string()), ignoreCase: z.boolean() }),
  /** different n-grams of words / n-grams − 1: 0 without repetition, above −1. 0 for fewer than n words. */
  z.object({ kind: z.literal('repetition'), n: z.number().int().min(1).max(limits.maxNgram) }),
]);
export type RewardRule = z.infer<typeof RewardRule>;
