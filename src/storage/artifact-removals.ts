import { sourcesHold } from '../protocol/sql/preparation-sources.js';
import type { Query } from '../protocol/sql/query.js';
import { removeUnusedArtifacts } from '../protocol/sql/remove-artifacts.js';

/**
 * Notes files that nothing may need any more, in the transaction that deletes what needed them. They are removed after
 * its COMMIT (`removeNoted`): a process that dies in between leaves files too many, and never too few.
 */
export async function noteRemovals(query: Query, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return;
  // A file that is noted already is locked by the update: whoever looks at it now is waited for, and did not see yet
  // what this transaction deletes.
  await query(
    `INSERT INTO artifact_removals (digest) SELECT DISTINCT unnest($1::text[]) ORDER BY 1
     ON CONFLICT (digest) DO UPDATE SET noted_at = now()`,
    [digests],
  );
}

/** How many files one transaction looks at, so that its locks are brief. */
const batch = 100;

/**
 * Looks at some of the noted files, and removes those that nothing refers to. Runs in a transaction of its own; several
 * may run at once. Returns how many it looked at: fewer than there were means that none is left.
 */
export async function removeNoted(
  query: Query,
  removeFile: (digest: string) => Promise<void>,
): Promise<{ readonly isLast: boolean; readonly removed: number }> {
  // What a preparation reads is looked at after its end: the note of a file is kept until then.
  const rows = await query<{ digest: string }>(
    `SELECT digest FROM artifact_removals r
      WHERE NOT EXISTS (SELECT FROM preparations p
                         WHERE p.status IN ('QUEUED', 'RUNNING') AND ${sourcesHold('p', 'r.digest')})
      ORDER BY digest LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [batch],
  );
  const digests = rows.map(({ digest }) => digest);
  // The rows of the queue stay until COMMIT: files that are removed before a crash are looked at again after it.
  const removed = await removeUnusedArtifacts(query, digests, removeFile);
  await query('DELETE FROM artifact_removals WHERE digest = ANY($1)', [digests]);
  return { isLast: digests.length < batch, removed };
}
