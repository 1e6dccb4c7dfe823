import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Json, Seed } from '../graphql/scalars.js';
import type { GenerationSettings } from '../protocol/generation.js';
import { RewardType, toRewardType } from '../rewards/reward.type.js';
import { GenerationWeightsEnum } from './generation.input.js';

@ObjectType('Sampling', { description: 'How tokens were chosen.', simpleResolvers: true })
class SamplingType {
  @Field(() => Float, { description: 'What logits were divided by; 0: the likeliest token was always chosen.' })
  temperature!: number;

  @Field(() => Int, { nullable: true, description: 'Only this many of the likeliest tokens; null: all.' })
  topK!: number | null;

  @Field(() => Float, { description: 'Only the likeliest tokens whose probabilities together reach this. 1: all.' })
  topP!: number;

  @Field(() => Float, { description: "Only tokens with at least this part of the likeliest one's probability." })
  minP!: number;

  @Field(() => Float, { description: 'What logits of tokens in prompt or answer were divided or multiplied by.' })
  repetitionPenalty!: number;

  @Field(() => Float, { description: 'Subtracted from the logits of tokens that stood in the answer.' })
  presencePenalty!: number;

  @Field(() => Float, { description: 'Subtracted for each time that a token stood in the answer.' })
  frequencyPenalty!: number;

  @Field(() => Seed, { description: 'Decided what was drawn.' })
  seed!: number;
}

@ObjectType('OutputConstraint', {
  description: 'What every answer has to be: a value by a JSON Schema, or one of some texts.',
  simpleResolvers: true,
})
class OutputConstraintType {
  @Field(() => Json, { nullable: true, description: 'The JSON Schema; null where there are choices.' })
  jsonSchema!: unknown;

  @Field(() => [String], { nullable: true, description: 'The texts; null where there is a JSON Schema.' })
  choices!: readonly string[] | null;
}

@ObjectType('RerankSettings', {
  description: 'How the answers to a prompt are put in order: the best of n comes first.',
  simpleResolvers: true,
})
class RerankSettingsType {
  @Field(() => [RewardType], { description: 'What scores an answer.' })
  rewards!: readonly RewardType[];

  @Field(() => Int, { description: 'How many of the best answers to each prompt are shown.' })
  keep!: number;
}

@ObjectType('GenerationSettings', { description: 'How answers are written.', simpleResolvers: true })
export class GenerationSettingsType {
  @Field(() => SamplingType, { description: 'How tokens are chosen.' })
  sampling!: SamplingType;

  @Field(() => Int, { nullable: true, description: 'Tokens of an answer at most; null: as many as fit.' })
  maxTokens!: number | null;

  @Field(() => [String], { description: 'Texts before which an answer ends.' })
  stop!: readonly string[];

  @Field(() => Int, { description: 'Answers to each prompt.' })
  samples!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How many of the likeliest tokens are told with each token; null: no log-probabilities.',
  })
  topLogProbabilities!: number | null;

  @Field(() => OutputConstraintType, { nullable: true, description: 'What every answer has to be; null: any text.' })
  output!: OutputConstraintType | null;

  @Field(() => GenerationWeightsEnum, { description: 'What the weights are held as.' })
  weights!: GenerationSettings['weights'];

  @Field(() => RerankSettingsType, {
    nullable: true,
    description: 'What puts the best answers first; null: they stay in the order of their samples.',
  })
  rerank!: RerankSettingsType | null;
}

export function toGenerationSettingsType({
  constraint,
  rerank,
  ...settings
}: GenerationSettings): GenerationSettingsType {
  return Object.assign(new GenerationSettingsType(), settings, {
    output: constraint && toOutputType(constraint),
    rerank: rerank === undefined ? null : { rewards: rerank.rewards.map(toRewardType), keep: rerank.keep },
  });
}

function toOutputType(constraint: NonNullable<GenerationSettings['constraint']>): OutputConstraintType {
  switch (constraint.kind) {
    case 'jsonSchema':
      return { jsonSchema: constraint.schema, choices: null };
    case 'choices':
      return { jsonSchema: null, choices: constraint.choices };
    default:
      return constraint satisfies never;
  }
}
