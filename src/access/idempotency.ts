import { createHash } from 'node:crypto';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { markRepeated } from './acting-viewer.js';

const maxKeyLength = 255;

/** A creation that its client may repeat. */
export interface IdempotentRequest {
  /** Whose key it is: a project's, or for what is about no project the user's. */
  readonly projectId: string;
  /** The mutation's name: keys of different mutations don't meet. */
  readonly operation: string;
  /** null: the client gave none, and every call creates. */
  readonly key: string | null;
  /** All that the client asked for, without the key. */
  readonly input: unknown;
}

/**
 * The id that a first call with the same key and input got, null when there was none.
 * Throws ProblemsError IDEMPOTENCY_KEY_REUSED when the key came with another input, TOO_LONG for one that is no key.
 */
export async function findFirstResult(query: Query, request: IdempotentRequest): Promise<string | null> {
  const { projectId, operation, key, input } = request;
  if (key === null) return null;
  checkKey(key);
  const [first] = await query<{ inputDigest: string; resultId: string }>(
    `SELECT input_digest AS "inputDigest", result_id AS "resultId" FROM idempotency_keys
     WHERE owner_id = $1 AND operation = $2 AND key = $3`,
    [projectId, operation, key],
  );
  if (first === undefined) return null;
  if (first.inputDigest !== digestOf(input)) {
    throw new ProblemsError([
      problem(
        ['idempotencyKey'],
        'IDEMPOTENCY_KEY_REUSED',
        'This key was used before, with another input.',
        'Use a new key for each thing you create, and the same one only to repeat a call.',
      ),
    ]);
  }
  markRepeated();
  return first.resultId;
}

/**
 * Does `work`. Where that is refused, a first call with the same key may have been done since it was looked for, and be the very reason
 * (it took the name, or used up the upload): then its id counts, not the refusal.
 */
export async function orFirstResult(
  query: Query,
  request: IdempotentRequest,
  work: () => Promise<string>,
): Promise<string> {
  try {
    return await work();
  } catch (error) {
    const first = error instanceof ProblemsError ? await findFirstResult(query, request) : null;
    if (first === null) throw error;
    return first;
  }
}

/**
 * Takes the key for `resultId`, in the transaction that creates it: returns `resultId`, or the id that a first call got. Of two
 * calls at the same time the second waits here until the first has committed, or rolled back.
 */
export async function claimKey(query: Query, request: IdempotentRequest, resultId: string): Promise<string> {
  const { projectId, operation, key, input } = request;
  if (key === null) return resultId;
  checkKey(key);
  const claimed = await query(
    `INSERT INTO idempotency_keys (owner_id, operation, key, input_digest, result_id) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING key`,
    [projectId, operation, key, digestOf(input), resultId],
  );
  if (claimed.length > 0) return resultId;
  const first = await findFirstResult(query, request);
  if (first === null) throw new Error('An idempotency key that is taken has no row.');
  return first;
}

/** An index holds no text of any length. */
function checkKey(key: string): void {
  if (key.length <= maxKeyLength) return;
  const message = `An idempotency key has at most ${maxKeyLength} characters; this one has ${key.length}.`;
  throw new ProblemsError([problem(['idempotencyKey'], 'TOO_LONG', message)]);
}

/** Equal for inputs that mean the same: the order of an object's keys, and keys without a value, don't count. */
export function digestOf(input: unknown): string {
  return createHash('sha256').update(canonicalJson(input)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, each]) => each != null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
