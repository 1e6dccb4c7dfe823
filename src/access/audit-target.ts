import { parseGlobalId, type TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';

/** The object that an entry of the audit log is about. */
export interface AuditTarget {
  readonly type: TypeWithId;
  readonly uuid: string;
}

/** The object that an id in the input names; null when the text is no global id. */
export function targetOf(id: unknown): AuditTarget | null {
  return typeof id === 'string' ? parseGlobalId(id) : null;
}

/** By type: the name and the project of the row $1. Null: objects of the type have no name. */
const named: Readonly<Record<TypeWithId, string | null>> = {
  Project: 'SELECT slug AS name, id AS project FROM projects WHERE id = $1',
  Dataset: 'SELECT name, project_id AS project FROM datasets WHERE id = $1',
  DatasetVersion: `SELECT d.name || ', version ' || v.number AS name, d.project_id AS project
    FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1`,
  Upload: 'SELECT file_name AS name, project_id AS project FROM uploads WHERE id = $1',
  BaseModel: 'SELECT name, project_id AS project FROM base_models WHERE id = $1',
  ModelAlias: 'SELECT name, project_id AS project FROM model_aliases WHERE id = $1',
  Experiment: 'SELECT name, project_id AS project FROM experiments WHERE id = $1',
  Checkpoint: null,
  Evaluation: `SELECT m.name || ' on ' || v.split AS name, v.project_id AS project
    FROM evaluations v JOIN base_models m ON m.id = v.base_model_id WHERE v.id = $1`,
  ModelImport: 'SELECT name, project_id AS project FROM model_imports WHERE id = $1',
  ModelExport: `SELECT m.name || ' as ' || x.format AS name, x.project_id AS project
    FROM model_exports x JOIN base_models m ON m.id = x.base_model_id WHERE x.id = $1`,
  Webhook: 'SELECT url AS name, project_id AS project FROM webhooks WHERE id = $1',
  WebhookDelivery: `SELECT w.url AS name, w.project_id AS project
    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = $1`,
  Worker: null,
  Viewer: null,
  User: `SELECT u.name, m.project_id AS project
    FROM users u LEFT JOIN members m ON m.user_id = u.id AND m.project_id = $2 WHERE u.id = $1`,
  Member: `SELECT u.name, m.project_id AS project FROM members m JOIN users u ON u.id = m.user_id WHERE m.id = $1`,
  ApiKey: 'SELECT name, project_id AS project FROM api_keys WHERE id = $1',
  Session: null,
};

const maxNameLength = 200;

/**
 * What an object is called at this moment; null: it has no name, does not exist, or belongs to another project. Whoever
 * sends an id that is not theirs must not learn the name from the log of their own project.
 *
 * @param projectId the project in whose log the name will stand; null: the log of the server, which shows all
 */
export async function nameOfTarget(
  query: Query,
  { type, uuid }: AuditTarget,
  projectId: string | null,
): Promise<string | null> {
  const select = named[type];
  if (select === null) return null;
  const [row] = await query<{ name: string | null }>(
    `SELECT name FROM (${select}) AS target WHERE $2::uuid IS NULL OR project = $2`,
    [uuid, projectId],
  );
  const name = row?.name ?? null;
  return name === null ? null : (type.startsWith('Webhook') ? shownUrl(name) : name).slice(0, maxNameLength);
}

/** From this length on a part of a URL's path may be a key of the receiver. */
const minKeyLength = 20;
/** Receivers with keys in the path have them at the end of one with several parts: Slack, Discord, Zapier. */
const minPartsBeforeKey = 2;

/**
 * A URL as far as the log may keep it for ever: where it leads. Left out are the query, and parts of the path that may
 * be a key. A text that is no URL is left out as a whole.
 */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return '…';
  const { protocol, host, pathname, search } = new URL(text);
  const parts = pathname.split('/');
  const last = parts.findLastIndex((part) => part !== '');
  const path = parts
    .map((part, i) => (part.length >= minKeyLength || (i === last && i > minPartsBeforeKey) ? '…' : part))
    .join('/');
  return `${protocol}//${host}${path}${search === '' ? '' : '?…'}`;
}
