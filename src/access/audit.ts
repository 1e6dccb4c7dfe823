import { parseGlobalId, type TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';
import type { Viewer } from './viewer.js';

/** What a mutation is about, as far as it is known before it is done. */
export interface AuditedAction {
  readonly viewer: Viewer;
  /** The mutation's name. */
  readonly action: string;
  /** Null: the server as a whole. */
  readonly projectId: string | null;
  /** What it acts on; null: what it makes, or nothing with an id. */
  readonly target: { readonly type: TypeWithId; readonly uuid: string } | null;
  /** The type of what it makes; null: nothing. */
  readonly creates: TypeWithId | null;
  readonly details: Readonly<Record<string, unknown>>;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Appends an entry. @param result what the transaction returned: the row id of what was made */
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
  await query(
    `INSERT INTO audit_log (project_id, user_id, credential, api_key_id, action, outcome, target_type, target_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      made?.type === 'Project' ? made.uuid : action.projectId,
      viewer.userId,
      viewer.credential.kind,
      viewer.credential.kind === 'API_KEY' ? viewer.credential.id : null,
      action.action,
      outcome,
      target?.type ?? null,
      target?.uuid ?? null,
      JSON.stringify(action.details),
    ],
  );
}

const maxDetailLength = 200;

/** The values of the input that the policy names, as text. */
export function detailsOf(input: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = input[name];
      if (value == null) return [];
      const text =
        value instanceof Date
          ? value.toISOString()
          : Array.isArray(value)
            ? [...new Set(value)].join(', ')
            : String(value);
      return [[name, text.slice(0, maxDetailLength)]];
    }),
  );
}

/** The object that an id in the input names; null when it is none of ours. */
export function targetOf(id: unknown): AuditedAction['target'] {
  return typeof id === 'string' ? parseGlobalId(id) : null;
}
