import { createUnionType, Field, Int, InterfaceType, ObjectType } from 'type-graphql';
import { ProblemType, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { FeedbackLoopStepEnum } from './loop.input.js';
import type { LoopEndReason, LoopStatus, LoopStep, RoundOutcome } from './loop.js';
import {
  FeedbackLoopEndReasonEnum,
  FeedbackLoopStatusEnum,
  FeedbackLoopVerdictType,
  FeedbackRoundOutcomeEnum,
  toFeedbackLoopVerdictType,
} from './loop.type.js';
import type { StoredLoopEvent } from './loop-event.reads.js';

@InterfaceType({ description: 'The fields that all events of a feedback loop have.' })
abstract class SequencedLoopEvent {
  @Field(() => BigIntScalar, {
    description: 'Counts from 1 within the loop, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When it was recorded.' })
  at!: Date;
}

const event = { implements: SequencedLoopEvent, simpleResolvers: true };

@ObjectType('FeedbackLoopStatusChanged', { description: "The loop's status changed.", ...event })
class FeedbackLoopStatusChangedType extends SequencedLoopEvent {
  @Field(() => FeedbackLoopStatusEnum, { nullable: true, description: 'What it was; null: it was created.' })
  from!: LoopStatus | null;

  @Field(() => FeedbackLoopStatusEnum, { description: 'What it is since.' })
  to!: LoopStatus;

  @Field(() => FeedbackLoopEndReasonEnum, { nullable: true, description: 'Why it has ended, if it has.' })
  endReason!: LoopEndReason | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed, if it did.' })
  problem!: ProblemType | null;
}

@ObjectType('FeedbackLoopStepBegan', { description: 'A step of a round began.', ...event })
class FeedbackLoopStepBeganType extends SequencedLoopEvent {
  @Field(() => Int, { description: 'The round, from 1.' })
  round!: number;

  @Field(() => FeedbackLoopStepEnum, { description: 'The step.' })
  step!: LoopStep;

  @Field(() => Int, { description: 'Which time it began, from 1.' })
  attempt!: number;
}

@ObjectType('FeedbackLoopRoundEnded', { description: 'A round ended.', ...event })
class FeedbackLoopRoundEndedType extends SequencedLoopEvent {
  @Field(() => Int, { description: 'The round, from 1.' })
  round!: number;

  @Field(() => FeedbackRoundOutcomeEnum, { description: 'What came of it.' })
  outcome!: RoundOutcome;

  @Field(() => FeedbackLoopVerdictType, { nullable: true, description: 'What the gate said; null: it was not asked.' })
  verdict!: FeedbackLoopVerdictType | null;
}

export const FeedbackLoopEvent = createUnionType({
  name: 'FeedbackLoopEvent',
  description: 'An event of a feedback loop. New kinds may be added.',
  types: () => [FeedbackLoopStatusChangedType, FeedbackLoopStepBeganType, FeedbackLoopRoundEndedType] as const,
});
export type FeedbackLoopEventType = typeof FeedbackLoopEvent;

@ObjectType('FeedbackLoopEventPage', { description: "A range of a feedback loop's event log.", simpleResolvers: true })
export class FeedbackLoopEventPageType {
  @Field(() => [FeedbackLoopEvent], { description: 'The events, by ascending seq.' })
  events!: FeedbackLoopEventType[];

  @Field(() => BigIntScalar, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}

export function toFeedbackLoopEventType({ seq, at, event: said }: StoredLoopEvent): FeedbackLoopEventType {
  switch (said.kind) {
    case 'statusChanged': {
      const { from, to, endReason, problem } = said;
      return Object.assign(new FeedbackLoopStatusChangedType(), {
        seq,
        at,
        from,
        to,
        endReason,
        problem: problem === null ? null : toProblemType(problem),
      });
    }
    case 'stepBegan': {
      const { round, step, attempt } = said;
      return Object.assign(new FeedbackLoopStepBeganType(), { seq, at, round, step, attempt });
    }
    case 'roundEnded': {
      const { round, outcome, verdict } = said;
      const shown = verdict === null ? null : toFeedbackLoopVerdictType(verdict);
      return Object.assign(new FeedbackLoopRoundEndedType(), { seq, at, round, outcome, verdict: shown });
    }
    default:
      return said satisfies never;
  }
}
