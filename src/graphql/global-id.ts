import { fromGlobalId } from 'graphql-relay';
import { ProblemsError, problem } from '../problems/problem.js';

/** The types whose objects have an id, by their name in the graph. */
export const typesWithId = [
  'Project',
  'Dataset',
  'DatasetVersion',
  'Upload',
  'BaseModel',
  'ModelAlias',
  'Experiment',
  'Checkpoint',
  'Evaluation',
  'Generation',
  'FeedbackTask',
  'FeedbackLoop',
  'FeedbackItem',
  'FeedbackClaim',
  'FeedbackAnswer',
  'RecordedFeedback',
  'BatchPrediction',
  'ScoredSamples',
  'Preparation',
  'DatasetReport',
  'DatasetExport',
  'ModelRecommendation',
  'ModelImport',
  'ModelExport',
  'Webhook',
  'WebhookDelivery',
  'Worker',
  'Viewer',
  'User',
  'Member',
  'ApiKey',
  'Session',
] as const;
export type TypeWithId = (typeof typesWithId)[number];

/** A type's name as messages have it: “dataset version” for DatasetVersion. */
export function wordsOf(type: TypeWithId): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is the id of a row, as PostgreSQL writes it. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

export function globalId(type: TypeWithId, uuidOfRow: string): string {
  // Base64 of ASCII: `btoa` needs no Buffer.
  return btoa(`${type}:${uuidOfRow}`);
}

/** Type and row id behind a global id; null when the text is not a global id. */
export function parseGlobalId(id: string): { readonly type: TypeWithId; readonly uuid: string } | null {
  const parsed = fromGlobalId(id);
  const type = typesWithId.find((candidate) => candidate === parsed.type);
  return type !== undefined && isUuid(parsed.id) ? { type, uuid: parsed.id } : null;
}

/** What is wrong with an id where an id of `type` is needed: often it belongs to another object of the same answer. */
export function wrongId(type: TypeWithId, id: string): string {
  const parsed = parseGlobalId(id);
  return parsed === null
    ? `This is not an id from this API: an id of the type ${type} is needed.`
    : `This is an id of the type ${parsed.type}: an id of the type ${type} is needed.`;
}

/**
 * The row id behind an id in a mutation's input.
 * @throws ProblemsError NOT_FOUND at `path` when the id is of another type
 */
export function rowId(type: TypeWithId, id: string, path: readonly string[]): string {
  const parsed = parseGlobalId(id);
  if (parsed?.type !== type) {
    throw new ProblemsError([
      problem(
        path,
        'NOT_FOUND',
        wrongId(type, id),
        `Take the \`id\` of an object of the type ${type}, as the API returned it.`,
      ),
    ]);
  }
  return parsed.uuid;
}
