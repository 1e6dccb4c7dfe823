import canonicalize from 'canonicalize';
import { ProblemsError, problem } from '../problems/problem.js';
import { sha256Hex } from '../protocol/sha256-hex.js';
import type { Query } from '../protocol/sql/query.js';
import { markRepeated } from './acting-viewer.js';

const maxKeyLength = 255;

/** A creation that its client may repeat under the same key. */
export interface IdempotentRequest {
  /** The owner of the key: the project; for creations outside of any project, the user. */
  readonly projectId: string;
  /** The mutation's name: each mutation has its own keys. */
  readonly operation: string;
  /** Null: the client gave no key, and every call creates. */
  readonly key: string | null;
  /** The client's whole input, without the key. */
  readonly input: unknown;
}

/**
 * The id that the first call with the same key and input created; null when there was no such call.
 * @throws ProblemsError IDEMPOTENCY_KEY_REUSED when the key came with another input, TOO_LONG for a key that is too
 * long
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
        'This key was used before with another input.',
        'Use a new key for each object you create; send the same key again only to repeat a call.',
      ),
    ]);
  }
  markRepeated();
  return first.resultId;
}

/**
 * Runs `work`. When `work` is refused, a concurrent first call with the same key may be the reason (it took the name,
 * or used up the upload). If that call has committed meanwhile, its id is returned instead of the refusal.
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
 * Claims the key for `resultId` in the transaction that creates the object. Returns `resultId`, or the id that an
 * earlier call created. Of two simultaneous calls, the second waits here until the first commits or rolls back.
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

/** The unique index can't hold a text of arbitrary length. */
function checkKey(key: string): void {
  if (key.length <= maxKeyLength) return;
  const message = `An idempotency key has at most ${maxKeyLength} characters; this one has ${key.length}.`;
  throw new ProblemsError([problem(['idempotencyKey'], 'TOO_LONG', message)]);
}

/**
 * Equal for inputs with the same meaning: neither the order of an object's keys nor keys without a value count. Whole
 * numbers beyond 2⁵³, which JSON has not, are taken by their digits.
 */
export function digestOf(input: unknown): string {
  // What a replacer turns into undefined is left out of an object, and is null in an array.
  const meant: unknown = JSON.parse(
    JSON.stringify(input, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : (part ?? undefined))),
  );
  return sha256Hex(canonicalize(meant)!);
}
