import { fromGlobalId, toGlobalId } from 'graphql-relay';
import { ProblemsError, problem } from '../problem.js';

/** The types that have an id, by the name the graph gives them. */
export const typesWithId = [
  'Project',
  'Dataset',
  'DatasetVersion',
  'Upload',
  'BaseModel',
  'Experiment',
  'Checkpoint',
  'Evaluation',
  'ModelImport',
  'ModelExport',
  'Webhook',
  'WebhookDelivery',
  'Worker',
  'Viewer',
  'User',
  'ApiKey',
  'Session',
] as const;
export type TypeWithId = (typeof typesWithId)[number];

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function globalId(type: TypeWithId, uuidOfRow: string): string {
  return toGlobalId(type, uuidOfRow);
}

/** Type and row id behind a global id, or null when it isn't one that this server gave out. */
export function parseGlobalId(id: string): { readonly type: TypeWithId; readonly uuid: string } | null {
  const parsed = fromGlobalId(id);
  const type = typesWithId.find((candidate) => candidate === parsed.type);
  return type !== undefined && uuid.test(parsed.id) ? { type, uuid: parsed.id } : null;
}

/** The row id behind an id in a mutation's input. Throws ProblemsError NOT_FOUND at `path` when it is of another type. */
export function rowId(type: TypeWithId, id: string, path: readonly string[]): string {
  const parsed = parseGlobalId(id);
  if (parsed?.type !== type) {
    throw new ProblemsError([
      problem(
        path,
        'NOT_FOUND',
        `This is not the id of a ${type}.`,
        `Take the id from a ${type} that the API returned.`,
      ),
    ]);
  }
  return parsed.uuid;
}
