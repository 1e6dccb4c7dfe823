import { z } from 'zod';
import { roles } from '../access/rights.js';
import { ObjectKindEnum } from '../graphql/object-kinds.js';
import { LoopEndReason, LoopStatus, RoundOutcome } from '../loops/loop.js';
import { FeedbackCloseReason, FeedbackKind } from '../protocol/feedback.js';
import { RunStatus } from '../protocol/run-status.js';

/**
 * The payloads that the database's triggers write into `project_events`: row ids, names and statuses at the time of the
 * event.
 */

const EventProblem = z.object({ code: z.string(), message: z.string() }).nullable();
const ObjectType = z.enum(Object.values(ObjectKindEnum));
const TransferEnd = z.enum(['SUCCEEDED', 'FAILED', 'CANCELED']);

export const ProjectEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('experiment.created'), experimentId: z.uuid(), name: z.string() }),
  z.object({
    kind: z.literal('experiment.status_changed'),
    experimentId: z.uuid(),
    name: z.string(),
    from: RunStatus,
    to: RunStatus,
    problem: EventProblem,
    /** The model that a SUCCEEDED experiment gave. Null in every other status, and in events of earlier releases. */
    modelId: z.uuid().nullable().default(null),
    /** By metric key, the newest value when the experiment SUCCEEDED; null where it was not finite. */
    summary: z.record(z.string(), z.number().nullable()).nullable().default(null),
  }),
  z.object({
    kind: z.literal('evaluation.finished'),
    evaluationId: z.uuid(),
    modelId: z.uuid(),
    modelName: z.string(),
    split: z.string(),
    status: z.enum(['SUCCEEDED', 'FAILED']),
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('batch_prediction.finished'),
    batchPredictionId: z.uuid(),
    modelId: z.uuid(),
    modelName: z.string(),
    fileName: z.string(),
    rowCount: z.number().int(),
    /** Null unless it SUCCEEDED. */
    errorCount: z.number().int().nullable(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('model_import.finished'),
    importId: z.uuid(),
    name: z.string(),
    modelId: z.uuid().nullable(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('model_export.finished'),
    exportId: z.uuid(),
    modelId: z.uuid(),
    modelName: z.string(),
    format: z.enum(['huggingFace', 'peft', 'onnx', 'transformersJs', 'gguf']),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('preparation.finished'),
    preparationId: z.uuid(),
    /** The version that was made; null unless it SUCCEEDED. */
    datasetVersionId: z.uuid().nullable(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('dataset_report.finished'),
    datasetReportId: z.uuid(),
    datasetVersionId: z.uuid(),
    /** The version that it was compared with; null: it is a report on one version. */
    comparedWithId: z.uuid().nullable(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('model_recommendation.finished'),
    recommendationId: z.uuid(),
    datasetVersionId: z.uuid(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('scored_samples.finished'),
    samplesId: z.uuid(),
    modelId: z.uuid(),
    modelName: z.string(),
    datasetVersionId: z.uuid(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('dataset_export.finished'),
    datasetExportId: z.uuid(),
    /** Null: it is one of the answers of a feedback task. */
    datasetVersionId: z.uuid().nullable(),
    name: z.string(),
    status: TransferEnd,
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('feedback_task.opened'),
    feedbackTaskId: z.uuid(),
    name: z.string(),
    question: FeedbackKind,
  }),
  z.object({
    kind: z.literal('feedback_task.closed'),
    feedbackTaskId: z.uuid(),
    name: z.string(),
    question: FeedbackKind,
    status: z.enum(['CLOSED', 'FAILED']),
    /** Null of one that FAILED. */
    reason: FeedbackCloseReason.nullable(),
    itemCount: z.number().int(),
    settledCount: z.number().int(),
    answerCount: z.number().int(),
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('feedback_loop.status_changed'),
    feedbackLoopId: z.uuid(),
    name: z.string(),
    /** Null: it was created. */
    from: LoopStatus.nullable(),
    to: LoopStatus,
    /** Null unless it is ENDED. */
    endReason: LoopEndReason.nullable(),
    problem: EventProblem,
  }),
  z.object({
    kind: z.literal('feedback_loop.round_finished'),
    feedbackLoopId: z.uuid(),
    name: z.string(),
    round: z.number().int(),
    outcome: RoundOutcome,
    /** The model that the round trained; null: it came to none. */
    modelId: z.uuid().nullable(),
  }),
  z.object({
    kind: z.literal('dataset_version.created'),
    datasetVersionId: z.uuid(),
    datasetId: z.uuid(),
    datasetName: z.string(),
    number: z.number().int(),
  }),
  z.object({
    kind: z.literal('base_model.registered'),
    modelId: z.uuid(),
    name: z.string(),
    experimentId: z.uuid().nullable(),
  }),
  z.object({
    kind: z.literal('model_alias.moved'),
    alias: z.string(),
    fromModelId: z.uuid().nullable(),
    fromModelName: z.string().nullable(),
    toModelId: z.uuid().nullable(),
    toModelName: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('object.deleted'),
    objectType: ObjectType,
    objectId: z.uuid(),
    name: z.string(),
    // How many objects of each type went, and the first of them.
    counts: z.partialRecord(ObjectType, z.number().int()),
    objects: z.array(z.object({ kind: ObjectType, id: z.uuid() })),
  }),
  z.object({
    kind: z.literal('member.changed'),
    userId: z.uuid(),
    userName: z.string(),
    from: z.enum(roles).nullable(),
    to: z.enum(roles).nullable(),
  }),
]);
export type ProjectEvent = z.infer<typeof ProjectEvent>;
export type ProjectEventKind = ProjectEvent['kind'];

/** An event as stored: `seq` counts from 1 without gaps within a project. */
export interface StoredProjectEvent {
  readonly projectId: string;
  readonly seq: number;
  /** When the event was committed. */
  readonly at: Date;
  readonly event: ProjectEvent;
}
