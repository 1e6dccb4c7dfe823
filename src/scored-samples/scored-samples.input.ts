import { Field, ID, InputType, Int } from 'type-graphql';
import { GenerationWeightsEnum, SamplingInput } from '../generations/generation.input.js';
import { generationLimits } from '../generations/generation-limits.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { Seed } from '../graphql/scalars.js';
import type { GenerationSettings } from '../protocol/generation.js';
import { sampleLimits as limits } from '../protocol/samples/score-samples-job.js';
import { RewardInput } from '../rewards/reward.input.js';

@InputType({ description: 'What a model is to write to the prompts of a dataset version, and what scores it.' })
export class ScoreSamplesInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The model that writes: it predicts next tokens. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias in the project of `projectSlug`; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => String, projectSlugOptions)
  projectSlug?: string | null;

  @Field(() => ID, { description: 'The dataset version with the prompts.' })
  datasetVersionId!: string;

  @Field(() => String, { nullable: true, description: 'Only the rows of this split. Default: all rows.' })
  split?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The column of the prompts. Default: the only one with the role PROMPT or MESSAGES, else the only one with TEXT. Answers at the end of a conversation are left out.',
  })
  promptColumn?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a prompt that is a text is said by a user, for models with a chat template.',
  })
  asConversation!: boolean;

  @Field(() => Int, {
    defaultValue: 100,
    description: `How many prompts at most, from 1 to ${limits.maxPrompts}.`,
  })
  most!: number;

  @Field(() => Seed, {
    nullable: true,
    description: 'Rows are drawn at random by it. Default: the first ones are taken, as they stand.',
  })
  seed?: number | null;

  @Field(() => Int, {
    defaultValue: 8,
    description: `Samples of each prompt, n, from 1 to ${limits.maxSamples}; of all prompts at most ${limits.maxAnswers}.`,
  })
  samples!: number;

  @Field(() => SamplingInput, { nullable: true, description: 'How tokens are chosen. The temperature is above 0.' })
  sampling?: SamplingInput | null;

  @Field(() => Int, {
    defaultValue: generationLimits.defaultTokens,
    description: `Tokens of an answer at most, from 1 to ${generationLimits.maxTokens}.`,
  })
  maxTokens!: number;

  @Field(() => [String], {
    nullable: true,
    description: `Texts before which an answer ends: up to ${generationLimits.maxStops}.`,
  })
  stop?: string[] | null;

  @Field(() => GenerationWeightsEnum, {
    defaultValue: GenerationWeightsEnum.FLOAT32,
    description: 'What the weights are held as while the model writes.',
  })
  weights!: GenerationSettings['weights'];

  @Field(() => [RewardInput], { description: 'What scores an answer, and by which the best is chosen.' })
  rewards!: RewardInput[];

  @Field(() => [RewardInput], {
    nullable: true,
    description:
      'Other rewards, by which nothing is chosen: they show what the choice is worth, and whether it is too greedy. Default: none.',
  })
  gold?: RewardInput[] | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A batch of samples to act on.' })
export class ScoredSamplesActionInput {
  @Field(() => ID, { description: 'The batch.' })
  samplesId!: string;
}
