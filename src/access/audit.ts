import { currentScope } from '../database/operation-scope.js';
import type { TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';
import { type AuditTarget, nameOfTarget, shownUrl } from './audit-target.js';
import type { Audit } from './policy.js';
import type { Viewer } from './viewer.js';

/** A mutation as the audit log describes it, as far as that is known before the mutation runs. */
export interface AuditedAction {
  readonly viewer: Viewer;
  /** The mutation's name. */
  readonly action: string;
  /** Null: the mutation is about the server as a whole. */
  readonly projectId: string | null;
  /** The object that the mutation changes; null: it creates one, or changes nothing that has an id. */
  readonly target: AuditTarget | null;
  /** What the target was called before the mutation. */
  readonly targetName: string | null;
  /** The type of the object that the mutation creates; null: it creates none. */
  readonly creates: TypeWithId | null;
  readonly details: Readonly<Record<string, unknown>>;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Appends an entry.
 * @param result what the transaction returned: the row id of the object that was created
 */
export async function appendAudit(
  query: Query,
  action: AuditedAction,
  outcome: 'DONE' | 'REFUSED',
  result: unknown,
): Promise<void> {
  const { viewer, creates } = action;
  const made =
    creates !== null && typeof result === 'string' && uuidForm.test(result) ? { type: creates, uuid: result } : null;
  const target = made ?? action.target;
  const projectId = made?.type === 'Project' ? made.uuid : action.projectId;
  await query(
    `INSERT INTO audit_log (project_id, user_id, credential, api_key_id, action, outcome, target_type, target_id, target_name, details, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      projectId,
      viewer.userId,
      viewer.credential.kind,
      viewer.credential.kind === 'API_KEY' ? viewer.credential.id : null,
      action.action,
      outcome,
      target?.type ?? null,
      target?.uuid ?? null,
      made === null ? action.targetName : await nameOfTarget(query, made, projectId),
      JSON.stringify(action.details),
      currentScope()?.request?.id ?? null,
    ],
  );
}

const maxDetailLength = 200;

/** The values of the input that the policy names, as text. */
export function detailsOf(input: Readonly<Record<string, unknown>>, audit: Audit): Record<string, string> {
  const { details = [], urls = [], clearable = [] } = audit;
  const shown = (name: string, shape: (text: string) => string): [string, string][] => {
    const value = input[name];
    if (value == null) return [];
    const text =
      value instanceof Date
        ? value.toISOString()
        : Array.isArray(value)
          ? [...new Set(value)].join(', ')
          : String(value);
    return [[name, shape(text).slice(0, maxDetailLength)]];
  };
  return Object.fromEntries([
    ...details.flatMap((name) => shown(name, (text) => text)),
    ...urls.flatMap((name) => shown(name, shownUrl)),
    ...clearable.filter((name) => input[name] === null).map((name) => [name, 'null']),
  ]);
}
