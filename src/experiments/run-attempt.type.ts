import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { EngineChoiceType, toEngineChoiceType } from '../workers/engine-choice.type.js';
import type { RunAttemptRow } from './run.reads.js';

export const AttemptOutcomeEnum = {
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELED: 'CANCELED',
  PAUSED: 'PAUSED',
  LOST: 'LOST',
  RELEASED: 'RELEASED',
} as const;

registerEnumType(AttemptOutcomeEnum, {
  name: 'AttemptOutcome',
  description: 'How an attempt ended.',
  valuesConfig: {
    SUCCEEDED: { description: 'The run is done.' },
    FAILED: { description: 'By a fault.' },
    CANCELED: { description: 'On request, for good.' },
    PAUSED: { description: 'On request, at a checkpoint.' },
    RELEASED: { description: 'Its worker was shut down in order; the next attempt goes on from the last checkpoint.' },
    LOST: { description: "Its worker's heartbeat stopped; the next attempt goes on from the last checkpoint." },
  },
});

@ObjectType('RunAttempt', {
  description: 'A stretch of a run on one worker. A run that was paused, or whose worker was lost, has several.',
  simpleResolvers: true,
})
export class RunAttemptType {
  @Field(() => Int, { description: 'Counts from 1.' })
  attempt!: number;

  @Field(() => String, { description: 'Host name of the worker.' })
  host!: string;

  @Field(() => EngineChoiceType, { nullable: true, description: 'What computed; null until it was chosen.' })
  engine!: EngineChoiceType | null;

  @Field(() => Int, { description: 'The step of the checkpoint it went on from; 0: from the beginning.' })
  resumedFromStep!: number;

  @Field(() => DateTime, { description: 'When the worker took it.' })
  startedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it goes on.' })
  endedAt!: Date | null;

  @Field(() => AttemptOutcomeEnum, { nullable: true, description: 'How it ended; null while it goes on.' })
  outcome!: keyof typeof AttemptOutcomeEnum | null;
}

export function toRunAttemptType({ engine, ...row }: RunAttemptRow): RunAttemptType {
  return Object.assign(new RunAttemptType(), row, { engine: engine === null ? null : toEngineChoiceType(engine) });
}
