import { createUnionType, Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { BatchPredictionStatusEnum } from '../batch-predictions/batch-prediction.type.js';
import { type EvaluationStatus, EvaluationStatusEnum } from '../evaluations/evaluation.type.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { FeedbackKindEnum } from '../feedback/feedback-question.type.js';
import { FeedbackCloseReasonEnum, FeedbackTaskStatusEnum } from '../feedback/feedback-task.type.js';
import { type ObjectKind, ObjectKindEnum } from '../graphql/object-kinds.js';
import { ProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { LoopEndReason, LoopStatus, RoundOutcome } from '../loops/loop.js';
import { FeedbackLoopEndReasonEnum, FeedbackLoopStatusEnum, FeedbackRoundOutcomeEnum } from '../loops/loop.type.js';
import { RoleEnum } from '../people/viewer.type.js';
import type { FeedbackCloseReason, FeedbackKind, FeedbackTaskStatus } from '../protocol/feedback.js';
import type { ExportFormat, TransferStatus } from '../protocol/job.js';
import type { RunStatus } from '../protocol/run-status.js';
import { ExportFormatEnum } from '../transfers/model-export.input.js';
import { TransferStatusEnum } from '../transfers/transfer.type.js';

@InterfaceType({ description: 'The fields that all events of a project have.' })
abstract class SequencedProjectEvent {
  projectUuid!: string;

  @Field(() => Int, {
    description: 'Counts from 1 within the project, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When the event took effect.' })
  at!: Date;
}

/** Why a field of an event is deprecated, before the name of the event that it conflicts with. */
const conflicts = 'an operation can not select this field beside the field of this name of';

const event = { implements: SequencedProjectEvent, simpleResolvers: true };

@InterfaceType('WorkFinished', {
  description: 'The fields that events have by which work on models and datasets ends.',
  implements: SequencedProjectEvent,
})
abstract class WorkFinishedEvent extends SequencedProjectEvent {
  @Field(() => TransferStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  transferStatus!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;
}

const ending = { implements: WorkFinishedEvent, simpleResolvers: true };

@ObjectType('ExperimentCreated', { description: 'An experiment was created and queued.', ...event })
export class ExperimentCreatedType extends SequencedProjectEvent {
  experimentUuid!: string;

  @Field(() => String, { description: "The experiment's name at that time." })
  name!: string;
}

@ObjectType('ExperimentStatusChanged', { description: 'An experiment entered another status.', ...event })
export class ExperimentStatusChangedType extends SequencedProjectEvent {
  experimentUuid!: string;
  modelUuid!: string | null;

  @Field(() => String, { description: "The experiment's name at that time." })
  name!: string;

  @Field(() => RunStatusEnum, { description: 'The status before.' })
  fromStatus!: RunStatus;

  @Field(() => RunStatusEnum, { description: 'The status from then on.' })
  toStatus!: RunStatus;

  @Field(() => RunStatusEnum, {
    description: 'The status before.',
    deprecationReason: `Use \`fromStatus\`: ${conflicts} MemberChanged.`,
  })
  from!: RunStatus;

  @Field(() => RunStatusEnum, {
    description: 'The status from then on.',
    deprecationReason: `Use \`toStatus\`: ${conflicts} MemberChanged.`,
  })
  to!: RunStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the experiment failed.' })
  problem!: ProblemType | null;
}

@ObjectType('EvaluationFinished', { description: 'An evaluation succeeded or failed.', ...event })
export class EvaluationFinishedType extends SequencedProjectEvent {
  evaluationUuid!: string;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => String, { description: 'The split that the model was scored on.' })
  split!: string;

  @Field(() => EvaluationStatusEnum, { description: 'SUCCEEDED or FAILED.' })
  evaluationStatus!: EvaluationStatus;

  @Field(() => EvaluationStatusEnum, {
    description: 'SUCCEEDED or FAILED.',
    deprecationReason: `Use \`evaluationStatus\`: ${conflicts} ModelImportFinished.`,
  })
  status!: EvaluationStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the evaluation failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelImportFinished', { description: 'An import of a model has ended.', ...ending })
export class ModelImportFinishedType extends WorkFinishedEvent {
  importUuid!: string;

  @Field(() => String, { description: 'The name that the model was to have.' })
  name!: string;

  @Field(() => TransferStatusEnum, {
    description: 'SUCCEEDED, FAILED or CANCELED.',
    deprecationReason: `Use \`transferStatus\`: ${conflicts} EvaluationFinished.`,
  })
  status!: TransferStatus;
}

@ObjectType('BatchPredictionFinished', { description: 'A batch prediction has ended.', ...event })
export class BatchPredictionFinishedType extends SequencedProjectEvent {
  batchPredictionUuid!: string;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => String, { description: 'Name of its file.' })
  fileName!: string;

  @Field(() => BigIntScalar, { description: 'How many rows it was to predict for.' })
  rowCount!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'How many of them have no prediction; null unless it succeeded.',
  })
  errorCount!: number | null;

  @Field(() => BatchPredictionStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  batchPredictionStatus!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelExportFinished', { description: 'An export of a model has ended.', ...ending })
export class ModelExportFinishedType extends WorkFinishedEvent {
  exportUuid!: string;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => ExportFormatEnum, { description: 'The format of the export.' })
  format!: ExportFormat;

  @Field(() => TransferStatusEnum, {
    description: 'SUCCEEDED, FAILED or CANCELED.',
    deprecationReason: `Use \`transferStatus\`: ${conflicts} EvaluationFinished.`,
  })
  status!: TransferStatus;
}

@ObjectType('PreparationFinished', { description: 'A preparation of a dataset version has ended.', ...ending })
export class PreparationFinishedType extends WorkFinishedEvent {
  preparationUuid!: string;
}

@ObjectType('DatasetReportFinished', {
  description: 'A report on a dataset version, or a comparison of two, has ended.',
  ...ending,
})
export class DatasetReportFinishedType extends WorkFinishedEvent {
  reportUuid!: string;
}

@ObjectType('ModelRecommendationFinished', { description: 'A recommendation of models has ended.', ...ending })
export class ModelRecommendationFinishedType extends WorkFinishedEvent {
  recommendationUuid!: string;
}

@ObjectType('ScoredSamplesFinished', { description: 'A batch of samples has ended.', ...ending })
export class ScoredSamplesFinishedType extends WorkFinishedEvent {
  samplesUuid!: string;

  @Field(() => String, { description: 'The name at that time of the model that wrote them.' })
  modelName!: string;
}

@ObjectType('DatasetExportFinished', { description: 'An export of a dataset version has ended.', ...ending })
export class DatasetExportFinishedType extends WorkFinishedEvent {
  exportUuid!: string;

  @Field(() => String, { description: 'The name of its file; of several files, what their names begin with.' })
  name!: string;
}

@ObjectType('FeedbackTaskOpened', {
  description: 'People can take part in a feedback task for the first time.',
  ...event,
})
export class FeedbackTaskOpenedType extends SequencedProjectEvent {
  taskUuid!: string;

  @Field(() => String, { description: "The task's name at that time." })
  name!: string;

  @Field(() => FeedbackKindEnum, { description: 'The kind of its question.' })
  questionKind!: FeedbackKind;
}

@ObjectType('FeedbackTaskClosed', {
  description: 'A feedback task has ended, or its items could not be made.',
  ...event,
})
export class FeedbackTaskClosedType extends SequencedProjectEvent {
  taskUuid!: string;

  @Field(() => String, { description: "The task's name at that time." })
  name!: string;

  @Field(() => FeedbackKindEnum, { description: 'The kind of its question.' })
  questionKind!: FeedbackKind;

  @Field(() => FeedbackTaskStatusEnum, { description: 'CLOSED or FAILED.' })
  taskStatus!: FeedbackTaskStatus;

  @Field(() => FeedbackCloseReasonEnum, { nullable: true, description: 'Why it is closed; null: it failed.' })
  closedReason!: FeedbackCloseReason | null;

  @Field(() => BigIntScalar, { description: 'Items that it had, without those of gold.' })
  itemCount!: number;

  @Field(() => BigIntScalar, { description: 'Of them, those that had all answers that they needed.' })
  settledCount!: number;

  @Field(() => BigIntScalar, { description: 'Answers that count.' })
  answerCount!: number;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('FeedbackLoopChanged', { description: 'A feedback loop was created, or its status changed.', ...event })
export class FeedbackLoopChangedType extends SequencedProjectEvent {
  loopUuid!: string;

  @Field(() => String, { description: "The loop's name at that time." })
  name!: string;

  @Field(() => FeedbackLoopStatusEnum, { nullable: true, description: 'What it was; null: it was created.' })
  loopStatusBefore!: LoopStatus | null;

  @Field(() => FeedbackLoopStatusEnum, { description: 'What it is since.' })
  loopStatus!: LoopStatus;

  @Field(() => FeedbackLoopEndReasonEnum, { nullable: true, description: 'Why it has ended, if it has.' })
  endReason!: LoopEndReason | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed, if it did.' })
  problem!: ProblemType | null;
}

@ObjectType('FeedbackLoopRoundFinished', { description: 'A round of a feedback loop has ended.', ...event })
export class FeedbackLoopRoundFinishedType extends SequencedProjectEvent {
  loopUuid!: string;
  modelUuid!: string | null;

  @Field(() => String, { description: "The loop's name at that time." })
  name!: string;

  @Field(() => Int, { description: 'The round, from 1.' })
  round!: number;

  @Field(() => FeedbackRoundOutcomeEnum, { description: 'What came of it.' })
  outcome!: RoundOutcome;
}

@ObjectType('DatasetVersionCreated', { description: 'A dataset got a new version.', ...event })
export class DatasetVersionCreatedType extends SequencedProjectEvent {
  versionUuid!: string;

  @Field(() => String, { description: "The dataset's name at that time." })
  datasetName!: string;

  @Field(() => Int, { description: "The version's number, from 1." })
  number!: number;
}

@ObjectType('BaseModelRegistered', {
  description: 'A model can be used from now on: an experiment produced it, or it was imported.',
  ...event,
})
export class BaseModelRegisteredType extends SequencedProjectEvent {
  modelUuid!: string;
  experimentUuid!: string | null;

  @Field(() => String, { description: "The model's name at that time." })
  name!: string;
}

@ObjectType('ModelAliasMoved', {
  description: 'An alias of models was set, moved to another model, or removed.',
  ...event,
})
export class ModelAliasMovedType extends SequencedProjectEvent {
  fromModelUuid!: string | null;
  toModelUuid!: string | null;

  @Field(() => String, { description: 'Name of the alias.' })
  alias!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stood for before; null: the alias was new.',
  })
  fromModelName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stands for since; null: the alias was removed.',
  })
  toModelName!: string | null;
}

@ObjectType('ObjectDeleted', {
  description: 'An object was deleted, and with it what was part of it, used it or came out of it.',
  ...event,
})
export class ObjectDeletedType extends SequencedProjectEvent {
  @Field(() => ObjectKindEnum, { description: 'Kind of the object.' })
  objectKind!: ObjectKind;

  @Field(() => ID, { description: 'The id that the object had.' })
  objectId!: string;

  @Field(() => String, { description: "The object's name at that time." })
  name!: string;

  @Field(() => [ID], {
    description: 'Ids of all that went, for caches of clients to forget; of very many the first 1000.',
  })
  objectIds!: string[];
}

@ObjectType('MemberChanged', { description: 'A user joined the project, left it, or got another role.', ...event })
export class MemberChangedType extends SequencedProjectEvent {
  userUuid!: string;

  @Field(() => String, { description: "The user's name at that time." })
  userName!: string;

  @Field(() => RoleEnum, { nullable: true, description: 'The role before; null for a user who joined.' })
  fromRole!: Role | null;

  @Field(() => RoleEnum, { nullable: true, description: 'The role from then on; null for a user who left.' })
  toRole!: Role | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: 'The role before; null for a user who joined.',
    deprecationReason: `Use \`fromRole\`: ${conflicts} ExperimentStatusChanged.`,
  })
  from!: Role | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: 'The role from then on; null for a user who left.',
    deprecationReason: `Use \`toRole\`: ${conflicts} ExperimentStatusChanged.`,
  })
  to!: Role | null;
}

@ObjectType('ExperimentProgressed', {
  description:
    'A running experiment has got further, or a worker no longer has it. Sent by projectActivity with `progressEveryMs` alone: it is a sample, not an entry of the log, and has no seq.',
  simpleResolvers: true,
})
export class ExperimentProgressedType {
  projectUuid!: string;
  experimentUuid!: string;

  @Field(() => DateTime, { description: 'When the experiment was looked at.' })
  at!: Date;

  @Field(() => Int, { description: "Sequence number of the newest event in the experiment's own log." })
  lastSeq!: number;
}

export const ProjectEventUnion = createUnionType({
  name: 'ProjectEvent',
  description: 'An event in a project. New types may be added.',
  types: () =>
    [
      ExperimentCreatedType,
      ExperimentStatusChangedType,
      EvaluationFinishedType,
      ModelImportFinishedType,
      ModelExportFinishedType,
      BatchPredictionFinishedType,
      PreparationFinishedType,
      DatasetReportFinishedType,
      ScoredSamplesFinishedType,
      ModelRecommendationFinishedType,
      DatasetExportFinishedType,
      FeedbackTaskOpenedType,
      FeedbackTaskClosedType,
      FeedbackLoopChangedType,
      FeedbackLoopRoundFinishedType,
      DatasetVersionCreatedType,
      BaseModelRegisteredType,
      ModelAliasMovedType,
      ObjectDeletedType,
      MemberChangedType,
      ExperimentProgressedType,
    ] as const,
});
export type ProjectEventType = typeof ProjectEventUnion;

@ObjectType('ProjectEventPage', { description: "A range of a project's event log.", simpleResolvers: true })
export class ProjectEventPageType {
  projectUuid!: string;

  @Field(() => [ProjectEventUnion], { description: 'The events, by ascending seq.' })
  events!: ProjectEventType[];

  @Field(() => Int, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}
