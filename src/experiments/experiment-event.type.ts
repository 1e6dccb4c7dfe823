import { createUnionType, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { ProblemType, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { RunEventKind, StoredRunEvent } from '../protocol/run-event.js';
import type { RunStatus } from '../protocol/run-status.js';
import { MetricSampleType, toMetricSampleType } from './metric.type.js';
import { RunStatusEnum } from './run-status.type.js';

export const EventKindEnum = {
  STATUS_CHANGED: 'statusChanged',
  METRICS_RECORDED: 'metricsRecorded',
  CHECKPOINT_SAVED: 'checkpointSaved',
  LOG_LINE: 'logLine',
  PROGRESS_MADE: 'progressMade',
  TEXTS_GENERATED: 'textsGenerated',
} as const satisfies Record<string, RunEventKind>;

registerEnumType(EventKindEnum, {
  name: 'EventKind',
  description: 'Kinds of events of an experiment, to choose from.',
  valuesConfig: {
    STATUS_CHANGED: { description: 'StatusChanged.' },
    METRICS_RECORDED: { description: 'MetricsRecorded.' },
    CHECKPOINT_SAVED: { description: 'CheckpointSaved.' },
    LOG_LINE: { description: 'LogLine.' },
    PROGRESS_MADE: { description: 'ProgressMade.' },
    TEXTS_GENERATED: { description: 'TextsGenerated.' },
  },
});

const LogLevelEnum = { INFO: 'INFO', WARNING: 'WARNING', ERROR: 'ERROR' } as const;

registerEnumType(LogLevelEnum, {
  name: 'LogLevel',
  description: 'How much attention a log line deserves.',
  valuesConfig: {
    INFO: { description: 'Information for the record.' },
    WARNING: { description: 'A condition that a person may want to change.' },
    ERROR: { description: 'An error.' },
  },
});

@InterfaceType({ description: 'The fields that all events of an experiment have.' })
abstract class SequencedEvent {
  @Field(() => Int, {
    description: 'Counts from 1 within the experiment, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => Int, { description: 'The attempt that the event belongs to; 0 before the first.' })
  attempt!: number;

  @Field(() => DateTime, { description: 'When the event happened.' })
  at!: Date;
}

const event = { implements: SequencedEvent, simpleResolvers: true };

@ObjectType('StatusChanged', { description: 'The run entered another status.', ...event })
class StatusChangedType extends SequencedEvent {
  @Field(() => RunStatusEnum, { nullable: true, description: 'The status before; null when the run was created.' })
  from!: RunStatus | null;

  @Field(() => RunStatusEnum, { description: 'The status now.' })
  to!: RunStatus;

  @Field(() => String, { nullable: true, description: 'The reason, where there is one.' })
  reason!: string | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the run failed.' })
  problem!: ProblemType | null;
}

@ObjectType('MetricsRecorded', { description: 'Metrics were measured at a step.', ...event })
class MetricsRecordedType extends SequencedEvent {
  @Field(() => Int, { description: 'Optimizer steps done, from 1.' })
  step!: number;

  @Field(() => Number, { description: 'Epochs of the training set passed so far.' })
  epoch!: number;

  @Field(() => [MetricSampleType], { description: 'The measured values, at least one.' })
  samples!: MetricSampleType[];
}

@ObjectType('CheckpointSaved', { description: 'A checkpoint was written, from which training can resume.', ...event })
class CheckpointSavedType extends SequencedEvent {
  @Field(() => ID, { description: 'Id of the checkpoint.' })
  checkpointId!: string;

  @Field(() => Int, { description: 'How many optimizer steps were done when the checkpoint was written.' })
  step!: number;

  @Field(() => BigIntScalar, { description: 'Size of the checkpoint in bytes.' })
  sizeBytes!: number;

  @Field(() => Boolean, { description: "Whether the checkpoint's validation metric was the best so far." })
  best!: boolean;
}

@ObjectType('LogLine', { description: 'A message for people.', ...event })
class LogLineType extends SequencedEvent {
  @Field(() => LogLevelEnum, { description: 'How much attention the message deserves.' })
  level!: keyof typeof LogLevelEnum;

  @Field(() => String, { description: 'The message.' })
  message!: string;
}

@ObjectType('ProgressMade', { description: 'How far the run has come.', ...event })
class ProgressMadeType extends SequencedEvent {
  @Field(() => Int, { description: 'Optimizer steps done.' })
  step!: number;

  @Field(() => Int, { description: 'Optimizer steps in all.' })
  totalSteps!: number;

  @Field(() => Number, { description: 'Epochs of the training set passed so far.' })
  epoch!: number;

  @Field(() => Number, { nullable: true, description: 'Recent speed in examples per second; null before it is known.' })
  examplesPerSecond!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'Estimated time to the last step in seconds; null before it is known.',
  })
  etaSeconds!: number | null;
}

@ObjectType('TrainingText', {
  description:
    'How a model goes on from the beginning of a text, always with the likeliest token; in policy optimization, what it draws in answer to a prompt.',
  simpleResolvers: true,
})
class TrainingTextType {
  @Field(() => String, { description: 'What the model went on from, of the validation split.' })
  prompt!: string;

  @Field(() => String, { description: 'What it wrote.' })
  text!: string;

  @Field(() => String, { description: 'How the text of the data goes on; empty in policy optimization.' })
  expected!: string;

  @Field(() => Boolean, { description: 'Whether the model ended the text; else it was cut off.' })
  isEnded!: boolean;

  @Field(() => Number, {
    nullable: true,
    description: 'Its reward, in policy optimization; null elsewhere, and where the reward could not be given.',
  })
  reward!: number | null;
}

@ObjectType('TextsGenerated', {
  description: 'A language model in training went on from the beginnings of a few texts, at each evaluation the same.',
  ...event,
})
class TextsGeneratedType extends SequencedEvent {
  @Field(() => Int, { description: 'Optimizer steps done; 0: by the model that the training starts from.' })
  step!: number;

  @Field(() => Number, { description: 'Epochs of the training set passed so far.' })
  epoch!: number;

  @Field(() => [TrainingTextType], { description: 'What it wrote, for each beginning.' })
  texts!: TrainingTextType[];
}

export const ExperimentEvent = createUnionType({
  name: 'ExperimentEvent',
  description: 'An event in an experiment.',
  types: () =>
    [
      StatusChangedType,
      MetricsRecordedType,
      CheckpointSavedType,
      LogLineType,
      ProgressMadeType,
      TextsGeneratedType,
    ] as const,
});
export type ExperimentEventType = typeof ExperimentEvent;

@ObjectType('ExperimentEventPage', {
  description: "A range of an experiment's event log.",
  simpleResolvers: true,
})
export class ExperimentEventPageType {
  @Field(() => [ExperimentEvent], { description: 'The events, by ascending seq.' })
  events!: ExperimentEventType[];

  @Field(() => Int, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}

export function toExperimentEventType(stored: StoredRunEvent): ExperimentEventType {
  const { event, seq, attempt, at } = stored;
  const common = { seq, attempt, at };
  switch (event.kind) {
    case 'statusChanged': {
      const problem = event.problem === null ? null : toProblemType(event.problem);
      return Object.assign(new StatusChangedType(), event, common, { problem });
    }
    case 'metricsRecorded':
      return Object.assign(new MetricsRecordedType(), common, {
        step: event.step,
        epoch: event.epoch,
        samples: event.samples.map(toMetricSampleType),
      });
    case 'checkpointSaved':
      return Object.assign(new CheckpointSavedType(), event, common, {
        checkpointId: globalId('Checkpoint', event.checkpointId),
      });
    case 'logLine':
      return Object.assign(new LogLineType(), event, common);
    case 'progressMade':
      return Object.assign(new ProgressMadeType(), event, common);
    case 'textsGenerated':
      return Object.assign(new TextsGeneratedType(), common, {
        step: event.step,
        epoch: event.epoch,
        texts: event.texts.map((text) => Object.assign(new TrainingTextType(), { reward: null }, text)),
      });
    default:
      return event satisfies never;
  }
}
