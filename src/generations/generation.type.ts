import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { GenerationTimes, Prompt } from '../protocol/generation.js';
import { TransferStatus } from '../protocol/job.js';
import type { GenerationRow } from './generation.reads.js';
import { GenerationSettingsType, toGenerationSettingsType } from './generation-settings.type.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
export const GenerationStatusEnum = { ...TransferStatus.enum };

registerEnumType(GenerationStatusEnum, {
  name: 'GenerationStatus',
  description: 'Where a generation stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker.' },
    RUNNING: { description: 'A worker is generating. If the worker is lost, the next one begins anew.' },
    SUCCEEDED: { description: 'Every answer is complete.' },
    FAILED: { description: '`problem` says why; answers may be there in part.' },
    CANCELED: { description: 'By request, or because nobody listened; answers may be there in part.' },
  },
});

@ObjectType('PromptMessage', { description: 'A turn of a conversation.', simpleResolvers: true })
class PromptMessageType {
  @Field(() => String, { description: 'Who says it.' })
  role!: string;

  @Field(() => String, { description: 'What is said.' })
  content!: string;
}

@ObjectType('GenerationPrompt', {
  description: 'What the model goes on from: a text, or a conversation.',
  simpleResolvers: true,
})
export class GenerationPromptType {
  @Field(() => String, { nullable: true, description: 'The text; null of a conversation.' })
  text!: string | null;

  @Field(() => [PromptMessageType], { nullable: true, description: 'The conversation; null of a text.' })
  messages!: readonly PromptMessageType[] | null;
}

@ObjectType('GenerationTimes', {
  description: 'How long a generation took on its worker.',
  simpleResolvers: true,
})
class GenerationTimesType {
  @Field(() => Float, {
    nullable: true,
    description:
      'Milliseconds from its start on the worker to the first token of an answer, with the loading of the model; null without a token.',
  })
  firstTokenMs!: number | null;

  @Field(() => Float, { description: 'Of that, loading the model, milliseconds; 0: it was ready.' })
  loadMs!: number;

  @Field(() => Int, { description: 'Tokens of all answers.' })
  tokenCount!: number;

  @Field(() => Float, { description: 'Milliseconds from the first token to the end.' })
  generatingMs!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Tokens after the first by the time that they took; null with fewer than two.',
  })
  tokensPerSecond!: number | null;
}

@ObjectType('Generation', {
  description: 'What a language model writes, to one prompt or several. It is kept for 7 days after its end.',
  implements: Node,
  simpleResolvers: true,
})
export class GenerationType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string;
  promptCount!: number;
  samples!: number;
  /** Answers to each prompt that are shown once they are ranked. */
  keep!: number;

  @Field(() => GenerationStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and it has not ended yet.' })
  canceling!: boolean;

  @Field(() => [GenerationPromptType], { description: 'What the model goes on from.' })
  prompts!: GenerationPromptType[];

  @Field(() => GenerationSettingsType, { description: 'How the answers are written.' })
  settings!: GenerationSettingsType;

  @Field(() => Int, { description: 'The end of its event log; 0: nothing was said yet.' })
  lastSeq!: number;

  @Field(() => GenerationTimesType, { nullable: true, description: 'How long it took; null until it has succeeded.' })
  times!: GenerationTimesType | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const generations = connectionOf('Generation', 'generations', GenerationType);

export const generateResult = resultUnion(
  'GenerateResult',
  'The generation, ended where the input waits for that; or why there is none.',
  GenerationType,
);

export const cancelGenerationResult = resultUnion(
  'CancelGenerationResult',
  'The generation; or why it was not canceled.',
  GenerationType,
);

export function toGenerationType(row: GenerationRow): GenerationType {
  const { id, projectId, createdBy, baseModelId, prompts, settings, times, problem, ...rest } = row;
  return Object.assign(new GenerationType(), rest, {
    id: globalId('Generation', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    promptCount: prompts.length,
    samples: settings.samples,
    keep: settings.rerank?.keep ?? settings.samples,
    prompts: prompts.map(toGenerationPromptType),
    settings: toGenerationSettingsType(settings),
    times: times === null ? null : { ...times, tokensPerSecond: tokensPerSecond(times) },
    problem: problem === null ? null : toProblemType(problem),
  });
}

export function toGenerationPromptType(prompt: Prompt): GenerationPromptType {
  return prompt.kind === 'text' ? { text: prompt.text, messages: null } : { text: null, messages: prompt.messages };
}

/** The first token is there before the time begins. */
function tokensPerSecond({ tokenCount, generatingMs }: GenerationTimes): number | null {
  return tokenCount < 2 || generatingMs <= 0 ? null : ((tokenCount - 1) * 1000) / generatingMs;
}
