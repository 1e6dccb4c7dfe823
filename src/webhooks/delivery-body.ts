import type { ProjectEvent, StoredProjectEvent } from '../activity/project-event.js';
import { FeedbackKindEnum } from '../feedback/feedback-question.type.js';
import { globalId, type TypeWithId } from '../graphql/global-id.js';
import type { FeedbackKind } from '../protocol/feedback.js';
import type { ExportFormat } from '../protocol/job.js';
import { ExportFormatEnum } from '../transfers/model-export.input.js';

/** Version of the body's format; a receiver that checks it survives a later format. */
const bodyVersion = 1;

export const pingKind = 'ping';

/** The type of object that each row id in an event's payload belongs to. */
const typesOfIds: Readonly<Record<string, TypeWithId>> = {
  experimentId: 'Experiment',
  evaluationId: 'Evaluation',
  modelId: 'BaseModel',
  fromModelId: 'BaseModel',
  toModelId: 'BaseModel',
  batchPredictionId: 'BatchPrediction',
  samplesId: 'ScoredSamples',
  importId: 'ModelImport',
  exportId: 'ModelExport',
  preparationId: 'Preparation',
  datasetReportId: 'DatasetReport',
  recommendationId: 'ModelRecommendation',
  datasetExportId: 'DatasetExport',
  feedbackTaskId: 'FeedbackTask',
  feedbackLoopId: 'FeedbackLoop',
  datasetVersionId: 'DatasetVersion',
  comparedWithId: 'DatasetVersion',
  datasetId: 'Dataset',
  userId: 'User',
};

const exportFormats = Object.fromEntries(Object.entries(ExportFormatEnum).map(([name, format]) => [format, name]));

const questionKinds = Object.fromEntries(Object.entries(FeedbackKindEnum).map(([name, kind]) => [kind, name]));

type ObjectDeleted = Extract<ProjectEvent, { readonly kind: 'object.deleted' }>;

interface Message {
  /** The webhook-id header, by which a receiver recognizes a repeated delivery. */
  readonly id: string;
  readonly projectSlug: string;
}

/** The JSON text of an event: its payload, with ids and enum values as in the graph. */
export function eventBody({ id, projectSlug }: Message, { seq, at, event }: StoredProjectEvent): string {
  const { kind, ...payload } = event;
  const data =
    event.kind === 'object.deleted'
      ? deleted(event)
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, inTheGraph(name, value)]));
  return JSON.stringify({ version: bodyVersion, type: kind, id, timestamp: at.toISOString(), projectSlug, seq, data });
}

/** The JSON text of a ping. */
export function pingBody({ id, projectSlug }: Message, at: Date, webhookId: string): string {
  const data = { webhookId: globalId('Webhook', webhookId) };
  return JSON.stringify({
    version: bodyVersion,
    type: pingKind,
    id,
    timestamp: at.toISOString(),
    projectSlug,
    seq: null,
    data,
  });
}

function deleted({ objectType, objectId, name, counts, objects }: ObjectDeleted): object {
  return {
    objectType,
    objectId: globalId(objectType, objectId),
    name,
    counts,
    objectIds: objects.map(({ kind, id }) => globalId(kind, id)),
  };
}

function inTheGraph(name: string, value: unknown): unknown {
  const type = typesOfIds[name];
  if (type !== undefined && typeof value === 'string') return globalId(type, value);
  if (name === 'question') return questionKinds[value as FeedbackKind];
  return name === 'format' ? exportFormats[value as ExportFormat] : value;
}
