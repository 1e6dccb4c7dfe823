import { Extensions, Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { Json, Seed } from '../graphql/scalars.js';
import type { GenerationSettings } from '../protocol/generation.js';
import { RewardInput } from '../rewards/reward.input.js';
import { generationLimits as limits } from './generation-limits.js';
import { firstListenerSeconds, listenerGraceSeconds } from './listeners.js';

const GenerationWeightsEnum = { FLOAT32: 'float32', INT8: 'int8' } as const satisfies Record<
  string,
  GenerationSettings['weights']
>;

registerEnumType(GenerationWeightsEnum, {
  name: 'GenerationWeights',
  description: 'What the weights of matrices are held as while a model generates.',
  valuesConfig: {
    FLOAT32: { description: 'As the model has them.' },
    INT8: { description: 'Rounded to 8 bits in blocks of 128: faster; answers may differ.' },
  },
});

export { GenerationWeightsEnum };

@InputType({ description: 'A turn of a conversation.' })
export class PromptMessageInput {
  @Field(() => String, { description: "Who says it: system, user or assistant, or what the model's template knows." })
  role!: string;

  @Field(() => String, { description: 'What is said.' })
  content!: string;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What the model goes on from: exactly one of the fields.' })
export class PromptInput {
  @Field(() => String, { nullable: true, description: 'A text, which the model goes on with as it is.' })
  text?: string | null;

  @Field(() => [PromptMessageInput], {
    nullable: true,
    description: "A conversation, which the model's chat template writes; the model answers as the next speaker.",
  })
  messages?: PromptMessageInput[] | null;
}

@InputType({
  description:
    'How the next token is chosen. Penalties come first, then temperature, then top-k, top-p and min-p leave tokens out. As it is by default, tokens are drawn by the probabilities that the model gives them.',
})
export class SamplingInput {
  @Field(() => Float, {
    defaultValue: 1,
    description: `What logits are divided by, from 0 to ${limits.maxTemperature}: below 1, likely tokens become likelier. 0: the likeliest token is always chosen.`,
  })
  temperature!: number;

  @Field(() => Int, { nullable: true, description: 'Only this many of the likeliest tokens. Default: all.' })
  topK?: number | null;

  @Field(() => Float, {
    defaultValue: 1,
    description:
      'Only the likeliest tokens whose probabilities together reach this, above 0 up to 1 (Holtzman et al. 2020). 1: all.',
  })
  topP!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description: "Only tokens whose probability is at least this part of the likeliest one's, from 0 to 1. 0: all.",
  })
  minP!: number;

  @Field(() => Float, {
    defaultValue: 1,
    description: `What logits above 0 are divided by, and others multiplied, of tokens that stand in prompt or answer, above 0 up to ${limits.maxRepetitionPenalty} (Keskar et al. 2019). 1: nothing.`,
  })
  repetitionPenalty!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description: `Subtracted from the logits of tokens that stand in the answer, from -${limits.maxPenalty} to ${limits.maxPenalty}.`,
  })
  presencePenalty!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description: `Subtracted for each time that a token stands in the answer, from -${limits.maxPenalty} to ${limits.maxPenalty}.`,
  })
  frequencyPenalty!: number;

  @Field(() => Seed, {
    nullable: true,
    description:
      'Decides what is drawn: the same model, prompt and settings with the same seed give the same answer. Default: a random one, which `settings` of the generation tells.',
  })
  seed?: number | null;
}

@Extensions({ oneOf: true })
@InputType({
  description:
    'What every answer has to be: exactly one of the fields. Tokens that would lead elsewhere are not chosen.',
})
export class OutputConstraintInput {
  @Field(() => Json, {
    nullable: true,
    description: `A JSON value that this JSON Schema allows, an object or \`true\`; \`{}\` allows any value. At most ${limits.maxSchemaCharacters} characters as JSON.`,
  })
  jsonSchema?: unknown;

  @Field(() => [String], {
    nullable: true,
    description: `One of these texts, as it is: from 1 to ${limits.maxChoices} different ones of at most ${limits.maxChoiceCharacters} characters, none empty.`,
  })
  choices?: string[] | null;
}

@InputType({ description: 'How the answers to a prompt are put in order: the best of n comes first.' })
export class RerankInput {
  @Field(() => [RewardInput], {
    description:
      'What scores an answer. Rewards that read a column or ask a service are refused: prompts here have no rows, and nobody waits here for a stranger; scoreSamples takes them.',
  })
  rewards!: RewardInput[];

  @Field(() => Int, {
    nullable: true,
    description: 'How many of the best answers to each prompt are shown, from 1 to `samples`. Default: all.',
  })
  keep?: number | null;
}

@InputType({ description: 'A model, and what it goes on from.' })
export class GenerateInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The model, which predicts next tokens. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias in the project of `projectSlug`; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => String, projectSlugOptions)
  projectSlug?: string | null;

  @Field(() => [PromptInput], {
    description: `From 1 to ${limits.maxPrompts} prompts of at most ${limits.maxPromptCharacters} characters each.`,
  })
  prompts!: PromptInput[];

  @Field(() => SamplingInput, { nullable: true, description: 'How tokens are chosen.' })
  sampling?: SamplingInput | null;

  @Field(() => Int, {
    defaultValue: limits.defaultTokens,
    description: `Tokens of an answer at most, from 1 to ${limits.maxTokens}. An answer also ends where the model's context does.`,
  })
  maxTokens!: number;

  @Field(() => [String], {
    nullable: true,
    description: `Texts before which an answer ends: up to ${limits.maxStops} of at most ${limits.maxStopCharacters} characters, none empty.`,
  })
  stop?: string[] | null;

  @Field(() => Int, {
    defaultValue: 1,
    description: `Answers to each prompt; of all prompts together at most ${limits.maxAnswers}.`,
  })
  samples!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'With each token its log-probability, and those of this many of the likeliest tokens, from 0 to 20. Default: no log-probabilities.',
  })
  topLogProbabilities?: number | null;

  @Field(() => OutputConstraintInput, {
    nullable: true,
    description: 'What every answer has to be. Default: any text.',
  })
  output?: OutputConstraintInput | null;

  @Field(() => RerankInput, {
    nullable: true,
    description:
      'What scores the answers to each prompt once all are written, and puts the best first. Default: they stay in the order of their samples.',
  })
  rerank?: RerankInput | null;

  @Field(() => GenerationWeightsEnum, {
    defaultValue: GenerationWeightsEnum.FLOAT32,
    description: 'What the weights are held as while the model generates.',
  })
  weights!: GenerationSettings['weights'];

  @Field(() => Boolean, {
    defaultValue: true,
    description: `Whether to answer when the generation has ended, for at most ${limits.maxWaitSeconds} s; it is canceled if the caller goes away. If not, the answer is the queued generation: follow it with generationEvents.`,
  })
  wait!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: `Whether it goes on when nobody listens. Else it is canceled when nobody subscribes to generationEvents, or reads \`events\`, within ${firstListenerSeconds} s of this call, or for ${listenerGraceSeconds} s later on.`,
  })
  keepWithoutListeners!: boolean;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A generation to act on.' })
export class GenerationActionInput {
  @Field(() => ID, { description: 'The generation.' })
  generationId!: string;
}
