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
    SUCCEEDED: { description: 'The attempt finished the run.' },
    FAILED: { description: 'A fault ended the attempt.' },
    CANCELED: { description: 'A user canceled the run.' },
    PAUSED: { description: 'A user paused the run, which stopped at a checkpoint.' },
    RELEASED: { description: 'The worker was shut down in order; the next attempt resumes from the last checkpoint.' },
    LOST: { description: "The worker's heartbeats stopped; the next attempt resumes from the last checkpoint." },
  },
});

@ObjectType('RunAttempt', {
  description: 'The part of a run that one worker did. A run that was paused, or whose worker was lost, has several.',
  simpleResolvers: true,
})
export class RunAttemptType {
  @Field(() => Int, { description: 'Number of the attempt, from 1.' })
  attempt!: number;

  @Field(() => String, { description: 'Host name of the worker.' })
  host!: string;

  @Field(() => EngineChoiceType, { nullable: true, description: 'The engine that computed; null until it was chosen.' })
  engine!: EngineChoiceType | null;

  @Field(() => Int, { description: 'The step of the checkpoint that the attempt resumed from; 0: from the beginning.' })
  resumedFromStep!: number;

  @Field(() => DateTime, { description: 'When the worker started the attempt.' })
  startedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When the attempt ended; null while it is running.' })
  endedAt!: Date | null;

  @Field(() => AttemptOutcomeEnum, { nullable: true, description: 'How the attempt ended; null while it is running.' })
  outcome!: keyof typeof AttemptOutcomeEnum | null;
}

export function toRunAttemptType({ engine, ...row }: RunAttemptRow): RunAttemptType {
  return Object.assign(new RunAttemptType(), row, { engine: engine === null ? null : toEngineChoiceType(engine) });
}
