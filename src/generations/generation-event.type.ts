import { createUnionType, Field, Float, Int, InterfaceType, ObjectType } from 'type-graphql';
import { ProblemType, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { FinishReason } from '../protocol/generation.js';
import type { TransferStatus } from '../protocol/job.js';
import { FinishReasonEnum, GeneratedTokenType, toGeneratedTokenType } from './generated-answer.type.js';
import type { StoredGenerationEvent } from './generation.reads.js';
import { GenerationStatusEnum } from './generation.type.js';

@InterfaceType({ description: 'The fields that all events of a generation have.' })
abstract class SequencedGenerationEvent {
  @Field(() => Int, {
    description: 'Counts from 1 within the generation, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When it was recorded.' })
  at!: Date;
}

const event = { implements: SequencedGenerationEvent, simpleResolvers: true };

@ObjectType('GenerationStarted', {
  description:
    'A worker has read the prompts. A second one of a generation begins anew, since the worker before was lost or shut down: forget what came before it.',
  ...event,
})
class GenerationStartedType extends SequencedGenerationEvent {
  @Field(() => [Int], { description: 'Tokens of each prompt.' })
  promptTokens!: readonly number[];
}

@ObjectType('TokensGenerated', { description: 'An answer has grown.', ...event })
class TokensGeneratedType extends SequencedGenerationEvent {
  @Field(() => Int, { description: 'Place of the prompt, from 0.' })
  prompt!: number;

  @Field(() => Int, { description: 'Place among the answers to the prompt, from 0.' })
  sample!: number;

  @Field(() => Int, { description: 'Place of the first of these tokens in the answer, from 0.' })
  position!: number;

  @Field(() => String, {
    description:
      'What its text grows by. It is held back while it may be part of a stop string, or a part of a character.',
  })
  text!: string;

  @Field(() => [GeneratedTokenType], { description: 'The tokens that it grows by.' })
  tokens!: readonly GeneratedTokenType[];
}

@ObjectType('AnswerFinished', { description: 'An answer is complete.', ...event })
class AnswerFinishedType extends SequencedGenerationEvent {
  @Field(() => Int, { description: 'Place of the prompt, from 0.' })
  prompt!: number;

  @Field(() => Int, { description: 'Place among the answers to the prompt, from 0.' })
  sample!: number;

  @Field(() => FinishReasonEnum, { description: 'Why it ended.' })
  finishReason!: FinishReason;

  @Field(() => String, { nullable: true, description: 'The text of `stop` that ended it, if one did.' })
  stop!: string | null;

  @Field(() => Int, { description: 'How many tokens it has.' })
  tokenCount!: number;
}

@ObjectType('RankedAnswer', { description: 'An answer to a prompt, with what it is worth.', simpleResolvers: true })
class RankedAnswerType {
  @Field(() => Int, { description: 'Place among the answers to the prompt as they were written, from 0.' })
  sample!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'The weighted sum of the rewards that could score it; null: none could.',
  })
  reward!: number | null;

  @Field(() => [Float], {
    nullable: 'items',
    description: 'By each of the rewards, before its weight, in the order of the list; null: it could not score it.',
  })
  bySource!: readonly (number | null)[];
}

@ObjectType('AnswersRanked', {
  description: 'The answers to a prompt are scored. It comes after all answers to all prompts, where `rerank` asks.',
  ...event,
})
class AnswersRankedType extends SequencedGenerationEvent {
  @Field(() => Int, { description: 'Place of the prompt, from 0.' })
  prompt!: number;

  @Field(() => [RankedAnswerType], {
    description: 'All of its answers, the best first; those that nothing could score are last.',
  })
  answers!: readonly RankedAnswerType[];
}

@ObjectType('GenerationEnded', { description: 'The generation has ended: the last event.', ...event })
class GenerationEndedType extends SequencedGenerationEvent {
  @Field(() => GenerationStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  status!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;
}

export const GenerationEvent = createUnionType({
  name: 'GenerationEvent',
  description: 'An event of a generation. New kinds may be added.',
  types: () =>
    [GenerationStartedType, TokensGeneratedType, AnswerFinishedType, AnswersRankedType, GenerationEndedType] as const,
});
export type GenerationEventType = typeof GenerationEvent;

@ObjectType('GenerationEventPage', { description: "A range of a generation's event log.", simpleResolvers: true })
export class GenerationEventPageType {
  @Field(() => [GenerationEvent], { description: 'The events, by ascending seq.' })
  events!: GenerationEventType[];

  @Field(() => Int, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}

export function toGenerationEventType({ seq, at, event: said }: StoredGenerationEvent): GenerationEventType {
  const common = { seq, at };
  switch (said.kind) {
    case 'started':
      return Object.assign(new GenerationStartedType(), said, common);
    case 'tokens':
      return Object.assign(new TokensGeneratedType(), said, common, { tokens: said.tokens.map(toGeneratedTokenType) });
    case 'answered':
      return Object.assign(new AnswerFinishedType(), said, common, { finishReason: said.reason });
    case 'ranked':
      return Object.assign(new AnswersRankedType(), said, common);
    case 'ended': {
      const problem = said.problem === null ? null : toProblemType(said.problem);
      return Object.assign(new GenerationEndedType(), common, { status: said.status, problem });
    }
    default:
      return said satisfies never;
  }
}
