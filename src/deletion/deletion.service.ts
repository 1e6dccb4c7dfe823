import type { DataSource } from 'typeorm';
import { actorId, markRepeated } from '../access/acting-viewer.js';
import { namedRow } from '../access/named-row.js';
import { inTransaction } from '../database/transaction.js';
import type { ObjectKind } from '../graphql/object-kinds.js';
import { recordAliasMove } from '../models/aliases/move-alias.js';
import { refuseBundled } from '../models/bundled-model.js';
import type { Query } from '../protocol/sql/query.js';
import { noteRemovals } from '../storage/artifact-removals.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { atWork } from './at-work.js';
import { deleteRows, deleteUploadsOf, uploadsOf } from './delete-rows.js';
import type { HowToDelete } from './deletion.input.js';
import { type Deletion, maxNamedObjects } from './deletion.js';
import { collect, type Doomed } from './doomed.js';
import { filesOnlyOf, keptLogProbabilitiesOf } from './freed-files.js';
import type { DeletableKind } from './lineage.js';
import { recordDeletion, recordedDeletion } from './recorded-deletions.js';
import { inUse, notThere, stillAtWork } from './refusals.js';
import { sweepFiles } from './sweep-files.js';

export interface DeletionService {
  /**
   * Deletes an object with its parts, or tells what would go. What is used is refused, unless all that uses it is to go
   * too. Deleting again what was deleted returns what the first request did.
   * @param path of the id in the input
   * @throws ProblemsError NOT_FOUND, IN_USE, CONFLICT
   */
  delete(kind: DeletableKind, id: string, how: HowToDelete, path: readonly string[]): Promise<Deletion>;
}

export function createDeletionService(options: {
  readonly dataSource: DataSource;
  readonly store: Pick<ArtifactStore, 'remove'>;
  /** Is told when files could not be removed after a deletion; the next sweep removes them. */
  readonly onSweepFailed: (error: unknown) => void;
}): DeletionService {
  const { dataSource, store, onSweepFailed } = options;
  return {
    async delete(kind, id, { cascade, dryRun }, path) {
      // What changes nothing is not logged.
      if (dryRun) markRepeated();
      const deletion = await inTransaction(dataSource, async ({ query }) => {
        const collected = await collect(query, { kind, id }, { cascade, lock: !dryRun });
        const root = await namedRow(query, kind, id, null);
        // Each object that is deleted by request belongs to a project.
        if (root?.projectId == null) {
          const recorded = await recordedDeletion(query, kind, id);
          if (recorded === null) throw notThere(kind, path);
          markRepeated();
          return recorded;
        }
        if (collected.users.length > 0) throw inUse(kind, collected.users, path);
        const { doomed } = collected;
        // It came out of nothing, so no cascade leads to it.
        if (kind === 'BaseModel') await refuseBundled(query, id, path, 'stays');
        const working = await atWork(query, doomed.all(), { lock: !dryRun });
        if (working.length > 0) throw stillAtWork(working, path);
        return carryOut(query, { kind, id, name: root.name, projectId: root.projectId }, doomed, dryRun);
      });
      // The deletion is done, whatever comes of its files.
      if (!deletion.isDryRun) await sweepFiles(dataSource, store).catch(onSweepFailed);
      return deletion;
    },
  };
}

interface Root {
  readonly kind: DeletableKind;
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
}

async function carryOut(
  query: Query,
  { kind, id, projectId, name }: Root,
  doomed: Doomed,
  isDryRun: boolean,
): Promise<Deletion> {
  const uploads = await uploadsOf(query, projectId, doomed.ids('DatasetVersion'));
  const kept = await keptLogProbabilitiesOf(query, doomed.ids('BaseModel'), doomed.ids('DatasetVersion'));
  const { digests, bytes } = await filesOnlyOf(query, projectId, [...doomed.all(), ...uploads, ...kept]);
  const counts: Partial<Record<ObjectKind, number>> = Object.fromEntries(
    doomed.entries().flatMap(([each, ids]) => (ids.length === 0 ? [] : [[each, ids.length]])),
  );
  const checkpoints = await keptCheckpoints(query, doomed.ids('Experiment'));
  if (checkpoints > 0) counts.Checkpoint = checkpoints;
  if (uploads.length > 0) counts.Upload = uploads.length;
  const objects = doomed.entries().flatMap(([each, ids]) => ids.map((rowId) => ({ kind: each, id: rowId })));
  const deletion = {
    kind,
    id,
    name,
    isDryRun,
    counts,
    freedBytes: bytes,
    objects: objects.slice(0, maxNamedObjects),
  };
  if (isDryRun) return deletion;
  await recordLostAliases(query, doomed.ids('ModelAlias'));
  await deleteRows(query, doomed);
  await deleteUploadsOf(query, projectId, uploads);
  await noteRemovals(query, digests);
  await recordDeletion(query, projectId, deletion);
  return deletion;
}

async function keptCheckpoints(query: Query, experimentIds: readonly string[]): Promise<number> {
  const [row] = await query<{ count: number }>(
    `SELECT count(*)::int AS count FROM checkpoints c JOIN runs r ON r.id = c.run_id
      WHERE r.experiment_id = ANY($1::uuid[]) AND c.pruned_at IS NULL`,
    [experimentIds],
  );
  return row?.count ?? 0;
}

/** The history of aliases whose model is deleted ends with their removal. */
async function recordLostAliases(query: Query, aliasIds: readonly string[]): Promise<void> {
  const aliases = await query<{ projectId: string; alias: string; id: string; name: string }>(
    `SELECT a.project_id AS "projectId", a.name AS alias, m.id, m.name
       FROM model_aliases a JOIN base_models m ON m.id = a.base_model_id WHERE a.id = ANY($1::uuid[])`,
    [aliasIds],
  );
  for (const { projectId, alias, id, name } of aliases) {
    await recordAliasMove(query, { projectId, alias, movedBy: actorId(), from: { id, name }, to: null });
  }
}
