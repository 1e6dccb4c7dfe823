import type { StoredProjectEvent } from '../activity/project-event.js';
import { globalId, type TypeWithId } from '../graphql/global-id.js';
import type { ExportFormat } from '../protocol/job.js';
import { ExportFormatEnum } from '../transfers/model-export.input.js';

/** Of the form of bodies; a receiver that branches on it survives the next one. */
const bodyVersion = 1;

export const pingKind = 'ping';

/** What the row ids in an event's payload are ids of. */
const typesOfIds: Readonly<Record<string, TypeWithId>> = {
  experimentId: 'Experiment',
  evaluationId: 'Evaluation',
  modelId: 'BaseModel',
  importId: 'ModelImport',
  exportId: 'ModelExport',
  datasetVersionId: 'DatasetVersion',
  datasetId: 'Dataset',
  userId: 'User',
};

const exportFormats = Object.fromEntries(Object.entries(ExportFormatEnum).map(([name, format]) => [format, name]));

interface Message {
  /** The webhook-id header: what a receiver tells repeats by. */
  readonly id: string;
  readonly projectSlug: string;
}

/** The JSON text of an event: its payload, with ids and enum values as the graph has them. */
export function eventBody({ id, projectSlug }: Message, { seq, at, event }: StoredProjectEvent): string {
  const { kind, ...payload } = event;
  const data = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, inTheGraph(name, value)]));
  return JSON.stringify({ version: bodyVersion, type: kind, id, timestamp: at.toISOString(), projectSlug, seq, data });
}

/** What the test button sends. */
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

function inTheGraph(name: string, value: unknown): unknown {
  const type = typesOfIds[name];
  if (type !== undefined && typeof value === 'string') return globalId(type, value);
  return name === 'format' ? exportFormats[value as ExportFormat] : value;
}
