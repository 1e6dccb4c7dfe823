import { Extensions, Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { Json } from '../graphql/scalars.js';
import { rewardLimits as limits } from '../protocol/rewards/reward-limits.js';
import type { LengthUnit } from '../protocol/rewards/reward-rule.js';

export const LengthUnitEnum = { TOKENS: 'tokens', WORDS: 'words', CHARACTERS: 'characters' } as const satisfies Record<
  string,
  LengthUnit
>;

registerEnumType(LengthUnitEnum, {
  name: 'RewardLengthUnit',
  description: 'What the length of an answer counts.',
  valuesConfig: {
    TOKENS: { description: 'Tokens of the model that wrote it, without the one that ends a text.' },
    WORDS: { description: 'What stands between white space.' },
    CHARACTERS: { description: "Unicode's code points." },
  },
});

const unit = { defaultValue: LengthUnitEnum.TOKENS, description: 'What a length counts.' } as const;
const ignoreCase = { defaultValue: false, description: 'Whether large and small letters are the same.' } as const;
const answerPattern = {
  nullable: true,
  description:
    'A regular expression of RE2 that finds the answer: what it finds last, or its first group if it has one. An answer without it scores 0. Default: all that was written.',
} as const;
const column = {
  description: 'A column of the dataset version that the prompts are from; a row without a value is not scored.',
};

@InputType({ description: '1 where the length lies in a range, else 0.' })
export class LengthRangeRewardInput {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Int, { defaultValue: 0, description: 'The least.' })
  least!: number;

  @Field(() => Int, { nullable: true, description: 'The most. Default: no limit.' })
  most?: number | null;
}

@InputType({ description: 'max(0, 1 − |length − target| / tolerance): 1 at the target, 0 from the tolerance on.' })
export class LengthTargetRewardInput {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Int, { description: 'The best length.' })
  target!: number;

  @Field(() => Int, { description: 'How far from it the reward is 0; at least 1.' })
  tolerance!: number;
}

@InputType({ description: '−cost · length.' })
export class LengthCostRewardInput {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Float, { description: 'What each token, word or character costs, above 0.' })
  cost!: number;
}

@InputType({
  description:
    'The soft penalty of DAPO for long answers (Yu et al. 2025): 0 up to most − buffer, then falling evenly to −1 at most, and −1 beyond.',
})
export class OverlongRewardInput {
  @Field(() => LengthUnitEnum, unit)
  unit!: LengthUnit;

  @Field(() => Int, { description: 'From this length on, the reward is −1.' })
  most!: number;

  @Field(() => Int, { description: 'Over how much before that it falls; at least 1, at most `most`.' })
  buffer!: number;
}

@InputType({ description: '1 where a regular expression of RE2 is found, else 0.' })
export class PatternRewardInput {
  @Field(() => String, { description: 'The regular expression. RE2 has neither look-around nor back references.' })
  pattern!: string;

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether it must match all that was written.' })
  whole!: boolean;
}

@InputType({ description: '1 where the answer is one of some texts, else 0. White space around it does not count.' })
export class ChoiceRewardInput {
  @Field(() => [String], {
    description: `From 1 to ${limits.maxTexts} texts of at most ${limits.maxTextCharacters} characters.`,
  })
  choices!: string[];

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => String, answerPattern)
  answerPattern?: string | null;
}

@InputType({
  description: '1 where the answer equals what a column holds, else 0. White space around both does not count.',
})
export class EqualsRewardInput {
  @Field(() => String, column)
  column!: string;

  @Field(() => Boolean, ignoreCase)
  ignoreCase!: boolean;

  @Field(() => String, answerPattern)
  answerPattern?: string | null;
}

@InputType({
  description:
    "1 where the last number in the answer is as near to the last one in a column's text as allowed: max(absolute, relative · |that number|). Else 0.",
})
export class NumberRewardInput {
  @Field(() => String, column)
  column!: string;

  @Field(() => Float, { defaultValue: 0, description: 'The distance that is allowed, from 0.' })
  absolute!: number;

  @Field(() => Float, {
    defaultValue: 1e-6,
    description: 'The distance that is allowed, as a part of the number, from 0.',
  })
  relative!: number;

  @Field(() => String, answerPattern)
  answerPattern?: string | null;
}

@InputType({
  description: '1 where what was written is a JSON value that a JSON Schema (draft 2020-12) allows, else 0.',
})
export class JsonSchemaRewardInput {
  @Field(() => Json, {
    description: `The JSON Schema, of at most ${limits.maxSchemaCharacters} characters as JSON. \`pattern\` is read by RE2; \`format\` is not checked.`,
  })
  schema!: unknown;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the value may stand in a code block of Markdown; the last one counts.',
  })
  inCodeBlock!: boolean;
}

@InputType({ description: '−1 where a forbidden word stands in the answer by itself, else 0.' })
export class ForbiddenWordsRewardInput {
  @Field(() => [String], {
    nullable: true,
    description: `Words or phrases, up to ${limits.maxTexts} of at most ${limits.maxTextCharacters} characters.`,
  })
  words?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Columns of the prompts' rows, each of which holds a further word, such as one that is to be defined.",
  })
  columns?: string[] | null;

  @Field(() => Boolean, { defaultValue: true, description: ignoreCase.description })
  ignoreCase!: boolean;
}

@InputType({
  description: 'Different n-grams of words / n-grams − 1: 0 without repetition, towards −1 the more is repeated.',
})
export class RepetitionRewardInput {
  @Field(() => Int, { defaultValue: 3, description: `Words of an n-gram, from 1 to ${limits.maxNgram}.` })
  n!: number;
}

@InputType({ description: 'The probability, from 0 to 1, that a model with a head of labels gives a label.' })
export class LabelRewardInput {
  @Field(() => ID, { nullable: true, description: 'The model. Left out where `alias` is given.' })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => String, { nullable: true, description: 'The head. Default: the only head of labels.' })
  task?: string | null;

  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether the model reads the prompt as first text and the answer as second; else it reads the answer alone.',
  })
  withPrompt!: boolean;
}

@InputType({
  description:
    'What a reward model says of an answer to its prompt, in deviations from the mean of held-out answers. It has to be above chance on pairs that it did not learn.',
})
export class RewardModelRewardInput {
  @Field(() => ID, { nullable: true, description: 'The reward model. Left out where `alias` is given.' })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias; the model that it stands for now.',
  })
  alias?: string | null;
}

@InputType({ description: 'What a service of yours answers over HTTP. Requests are signed as webhooks are.' })
export class ServiceRewardInput {
  @Field(() => String, {
    description: `The URL that is sent a POST, of at most ${limits.maxUrlCharacters} characters.`,
  })
  url!: string;

  @Field(() => Int, {
    defaultValue: 1,
    description: 'Which secret of this URL signs: another number is another secret. See rewardServiceSecret.',
  })
  secretNumber!: number;

  @Field(() => Int, {
    defaultValue: 10_000,
    description: `How long an answer may take, from ${limits.minTimeoutMs} to ${limits.maxTimeoutMs} ms.`,
  })
  timeoutMs!: number;

  @Field(() => Int, {
    defaultValue: 4,
    description: `Further attempts where the service is away, too slow or busy (429, 5xx), up to ${limits.maxRetries}.`,
  })
  retries!: number;

  @Field(() => Int, { defaultValue: 64, description: `Answers in one request, from 1 to ${limits.maxBatchSize}.` })
  batchSize!: number;
}

@Extensions({ oneOf: true })
@InputType({ description: 'Where a reward comes from: exactly one of the fields.' })
export class RewardSourceInput {
  @Field(() => LengthRangeRewardInput, { nullable: true, description: 'Whether the length lies in a range.' })
  lengthRange?: LengthRangeRewardInput | null;

  @Field(() => LengthTargetRewardInput, { nullable: true, description: 'How near the length is to a target.' })
  lengthTarget?: LengthTargetRewardInput | null;

  @Field(() => LengthCostRewardInput, { nullable: true, description: 'A cost of each token, word or character.' })
  lengthCost?: LengthCostRewardInput | null;

  @Field(() => OverlongRewardInput, { nullable: true, description: 'A penalty for long answers.' })
  overlong?: OverlongRewardInput | null;

  @Field(() => PatternRewardInput, { nullable: true, description: 'Whether a regular expression is found.' })
  pattern?: PatternRewardInput | null;

  @Field(() => ChoiceRewardInput, { nullable: true, description: 'Whether the answer is one of some texts.' })
  choice?: ChoiceRewardInput | null;

  @Field(() => EqualsRewardInput, { nullable: true, description: 'Whether the answer equals a column.' })
  equals?: EqualsRewardInput | null;

  @Field(() => NumberRewardInput, { nullable: true, description: 'Whether the answer is the number of a column.' })
  number?: NumberRewardInput | null;

  @Field(() => JsonSchemaRewardInput, { nullable: true, description: 'Whether the answer is JSON by a schema.' })
  jsonSchema?: JsonSchemaRewardInput | null;

  @Field(() => ForbiddenWordsRewardInput, { nullable: true, description: 'A penalty for forbidden words.' })
  forbiddenWords?: ForbiddenWordsRewardInput | null;

  @Field(() => RepetitionRewardInput, { nullable: true, description: 'A penalty for repetition.' })
  repetition?: RepetitionRewardInput | null;

  @Field(() => LabelRewardInput, { nullable: true, description: "A classifier's probability of a label." })
  label?: LabelRewardInput | null;

  @Field(() => RewardModelRewardInput, { nullable: true, description: 'A reward model.' })
  rewardModel?: RewardModelRewardInput | null;

  @Field(() => ServiceRewardInput, { nullable: true, description: 'A service over HTTP.' })
  service?: ServiceRewardInput | null;
}

@InputType({ description: 'One of the rewards of an answer; they are added up, each times its weight.' })
export class RewardInput {
  @Field(() => String, {
    description: `Under which it is measured: letters, digits, “-” and “_”, at most ${limits.maxNameCharacters}, different from the others.`,
  })
  name!: string;

  @Field(() => Float, {
    defaultValue: 1,
    description: `What its value is multiplied by, not 0, between −${limits.maxWeight} and ${limits.maxWeight}.`,
  })
  weight!: number;

  @Field(() => RewardSourceInput, { description: 'Where it comes from.' })
  by!: RewardSourceInput;
}
