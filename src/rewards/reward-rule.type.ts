import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Json } from '../graphql/scalars.js';
import type { LengthUnit } from '../protocol/rewards/reward-rule.js';
import { LengthUnitEnum } from './reward.input.js';

// What each rule of a reward is, with every value explicit: see docs/methods/rewards.md.

const unit = { description: 'What a length counts.' };
const ignoreCase = { description: 'Whether large and small letters are the same.' };
const column = { description: "A column of the prompts' rows." };
const answerPattern = {
  nullable: true,
  description: 'A regular expression of RE2 that finds the answer; null: all that was written.',
};

@ObjectType('LengthRangeReward', { description: '1 where the length lies in a range, else 0.', simpleResolvers: true })
class LengthRangeRewardType {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Int, { description: 'The least.' })
  least!: number;

  @Field(() => Int, { nullable: true, description: 'The most; null: no limit.' })
  most!: number | null;
}

@ObjectType('LengthTargetReward', { description: 'max(0, 1 − |length − target| / tolerance).', simpleResolvers: true })
class LengthTargetRewardType {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Int, { description: 'The best length.' })
  target!: number;

  @Field(() => Int, { description: 'How far from it the reward is 0.' })
  tolerance!: number;
}

@ObjectType('LengthCostReward', { description: '−cost · length.', simpleResolvers: true })
class LengthCostRewardType {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Float, { description: 'What each token, word or character costs.' })
  cost!: number;
}

@ObjectType('OverlongReward', { description: 'The soft penalty of DAPO for long answers.', simpleResolvers: true })
class OverlongRewardType {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  // Always there; nullable as `LengthRangeReward.most` is, without which one query could not select both.
  @Field(() => Int, { nullable: true, description: 'From this length on, the reward is −1.' })
  most!: number;

  @Field(() => Int, { description: 'Over how much before that it falls.' })
  buffer!: number;
}

@ObjectType('PatternReward', {
  description: '1 where a regular expression of RE2 is found, else 0.',
  simpleResolvers: true,
})
class PatternRewardType {
  @Field(() => String, { description: 'The regular expression.' })
  pattern!: string;

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => Boolean, { description: 'Whether it must match all that was written.' })
  whole!: boolean;
}

@ObjectType('ChoiceReward', { description: '1 where the answer is one of some texts, else 0.', simpleResolvers: true })
class ChoiceRewardType {
  @Field(() => [String], { description: 'The texts.' })
  choices!: string[];

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => String, answerPattern)
  answerPattern!: string | null;
}

@ObjectType('EqualsReward', {
  description: '1 where the answer equals what a column holds, else 0.',
  simpleResolvers: true,
})
class EqualsRewardType {
  @Field(() => String, column)
  column!: string;

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => String, answerPattern)
  answerPattern!: string | null;
}

@ObjectType('NumberReward', {
  description: '1 where the last number in the answer is near enough to that of a column, else 0.',
  simpleResolvers: true,
})
class NumberRewardType {
  @Field(() => String, column)
  column!: string;

  @Field(() => Float, { description: 'The distance that is allowed.' })
  absolute!: number;

  @Field(() => Float, { description: 'The distance that is allowed, as a part of the number.' })
  relative!: number;

  @Field(() => String, answerPattern)
  answerPattern!: string | null;
}

@ObjectType('JsonSchemaReward', {
  description: '1 where what was written is a JSON value that a JSON Schema allows, else 0.',
  simpleResolvers: true,
})
class JsonSchemaRewardType {
  @Field(() => Json, { description: 'The JSON Schema.' })
  schema!: unknown;

  @Field(() => Boolean, { description: 'Whether the value may stand in a code block of Markdown.' })
  inCodeBlock!: boolean;
}

@ObjectType('ForbiddenWordsReward', {
  description: '−1 where a forbidden word stands in the answer by itself, else 0.',
  simpleResolvers: true,
})
class ForbiddenWordsRewardType {
  @Field(() => [String], { description: 'Words or phrases.' })
  words!: string[];

  @Field(() => [String], { description: 'Columns, each of which holds a further word.' })
  columns!: string[];

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;
}

@ObjectType('RepetitionReward', { description: 'Different n-grams of words / n-grams − 1.', simpleResolvers: true })
class RepetitionRewardType {
  @Field(() => Int, { description: 'Words of an n-gram.' })
  n!: number;
}

/** By kind of rule: the type of it. */
export const ruleTypes = {
  lengthRange: LengthRangeRewardType,
  lengthTarget: LengthTargetRewardType,
  lengthCost: LengthCostRewardType,
  overlong: OverlongRewardType,
  pattern: PatternRewardType,
  choice: ChoiceRewardType,
  equals: EqualsRewardType,
  number: NumberRewardType,
  jsonSchema: JsonSchemaRewardType,
  forbiddenWords: ForbiddenWordsRewardType,
  repetition: RepetitionRewardType,
} as const;
