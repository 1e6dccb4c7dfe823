import { actorId } from '../access/acting-viewer.js';
import type { Query } from '../protocol/sql/query.js';
import type { Deletion } from './deletion.js';
import type { DeletableKind } from './lineage.js';

/** What an earlier request deleted; null: the object was not deleted by a request of its own. */
export async function recordedDeletion(query: Query, kind: DeletableKind, id: string): Promise<Deletion | null> {
  const [row] = await query<Deletion>(
    `SELECT object_type AS kind, object_id AS id, name, false AS "isDryRun", counts, freed_bytes::float8 AS "freedBytes", objects
       FROM deletions WHERE object_id = $1 AND object_type = $2`,
    [id, kind],
  );
  return row ?? null;
}

/** Records a deletion in its transaction; the database tells the project's log of it. */
export async function recordDeletion(query: Query, projectId: string, deletion: Deletion): Promise<void> {
  const { kind, id, name, counts, freedBytes, objects } = deletion;
  await query(
    `INSERT INTO deletions (object_id, object_type, project_id, name, counts, freed_bytes, objects, deleted_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, kind, projectId, name, JSON.stringify(counts), freedBytes, JSON.stringify(objects), actorId()],
  );
}
