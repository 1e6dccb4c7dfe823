import type { DataSource } from 'typeorm';
import { markRepeated } from '../access/acting-viewer.js';
import { defaultProjectSlug } from '../access/project-slug.js';
import { inTransaction } from '../database/transaction.js';
import type { ObjectKind, ObjectRow } from '../graphql/object-kinds.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import { storageOfProjects } from '../protocol/sql/project-quota.js';
import type { Query } from '../protocol/sql/query.js';
import { noteRemovals } from '../storage/artifact-removals.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { atWork, nameOfPreparation } from './at-work.js';
import { deleteRuns } from './delete-rows.js';
import type { DeleteProjectInput } from './deletion.input.js';
import type { Deletion } from './deletion.js';
import { inUse, stillAtWork } from './refusals.js';
import { sweepFiles } from './sweep-files.js';

export interface DeleteProjectService {
  /** Throws ProblemsError NOT_FOUND, IN_USE and CONFLICT. */
  delete(input: DeleteProjectInput): Promise<Deletion>;
}

const path = ['projectSlug'];

/** Tables whose rows name their project, those that refer to others first. Runs and versions go between the lists. */
const beforeRuns = [
  'model_aliases',
  'model_alias_moves',
  'evaluations',
  'generations',
  'feedback_loops',
  'feedback_tasks',
  'recorded_feedback',
  'batch_predictions',
  'scored_samples',
  'dataset_exports',
  'model_exports',
  'model_imports',
  'preparations',
];
const afterVersions = ['datasets', 'base_models', 'uploads', 'members', 'webhooks', 'project_events', 'deletions'];

export function createDeleteProjectService(options: {
  readonly dataSource: DataSource;
  readonly store: Pick<ArtifactStore, 'remove'>;
  readonly onSweepFailed: (error: unknown) => void;
}): DeleteProjectService {
  const { dataSource, store, onSweepFailed } = options;
  return {
    async delete({ projectSlug, cascade, dryRun }) {
      if (dryRun) markRepeated();
      const deletion = await inTransaction(dataSource, async ({ query }) => {
        const { id, name } = await requireProject(query, projectSlug);
        if (projectSlug === defaultProjectSlug) {
          const message = 'The project that the first start creates stays: the next start would create it again.';
          throw new ProblemsError([problem(path, 'CONFLICT', message)]);
        }
        // Nothing can begin to refer to the project from here on.
        if (!dryRun) await query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [id]);
        const contents = await contentsOf(query, id);
        if (!cascade && contents.length > 0) throw inUse('Project', contents, path);
        const contained = contents.map((row) => row.id);
        const working = await atWork(query, contained, { lock: !dryRun });
        if (working.length > 0) throw stillAtWork(working, path);
        const [storage] = await storageOfProjects(query, [id]);
        const counts = await countsOf(query, id);
        const objects = [{ kind: 'Project' as const, id }];
        if (!dryRun) await deleteProject(query, id);
        const freedBytes = storage?.bytes ?? 0;
        return { kind: 'Project' as const, id, name, isDryRun: dryRun, counts, freedBytes, objects };
      });
      if (!dryRun) await sweepFiles(dataSource, store).catch(onSweepFailed);
      return deletion;
    },
  };
}

/** What people have put into a project, and what came out of that. The model that it began with does not count. */
function contentsOf(query: Query, projectId: string): Promise<readonly ObjectRow[]> {
  return query<ObjectRow>(
    `SELECT 'Dataset' AS kind, id, name FROM datasets WHERE project_id = $1
     UNION ALL
     SELECT 'BaseModel', id, name FROM base_models
      WHERE project_id = $1 AND NOT (source LIKE 'npm:%' AND created_by IS NULL AND produced_by_run_id IS NULL)
     UNION ALL
     SELECT 'Experiment', id, name FROM experiments WHERE project_id = $1
     UNION ALL
     SELECT 'Evaluation', v.id, m.name || ' on ' || v.split
       FROM evaluations v JOIN base_models m ON m.id = v.base_model_id WHERE v.project_id = $1
     UNION ALL
     SELECT 'ModelImport', id, name FROM model_imports WHERE project_id = $1
     UNION ALL
     SELECT 'ModelExport', x.id, m.name || ' as ' || x.format
       FROM model_exports x JOIN base_models m ON m.id = x.base_model_id WHERE x.project_id = $1
     UNION ALL
     SELECT 'BatchPrediction', id, file_name FROM batch_predictions WHERE project_id = $1
     UNION ALL
     SELECT 'ScoredSamples', s.id, m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples'
       FROM scored_samples s JOIN base_models m ON m.id = s.base_model_id WHERE s.project_id = $1
     UNION ALL
     SELECT 'FeedbackTask', id, name FROM feedback_tasks WHERE project_id = $1
     UNION ALL
     SELECT 'FeedbackLoop', id, name FROM feedback_loops WHERE project_id = $1
     UNION ALL
     SELECT 'DatasetExport', id, name FROM dataset_exports WHERE project_id = $1
     UNION ALL
     SELECT 'Preparation', p.id, ${nameOfPreparation} FROM preparations p
      WHERE p.project_id = $1 AND p.status IN ('QUEUED', 'RUNNING')`,
    [projectId],
  );
}

async function countsOf(query: Query, projectId: string): Promise<Partial<Record<ObjectKind, number>>> {
  const rows = await query<{ kind: ObjectKind; count: number }>(
    `SELECT kind, count FROM (
       SELECT 'Project' AS kind, 1 AS count
       UNION ALL SELECT 'Dataset', count(*)::int FROM datasets WHERE project_id = $1
       UNION ALL SELECT 'DatasetVersion', count(*)::int
                   FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE d.project_id = $1
       UNION ALL SELECT 'BaseModel', count(*)::int FROM base_models WHERE project_id = $1
       UNION ALL SELECT 'ModelAlias', count(*)::int FROM model_aliases WHERE project_id = $1
       UNION ALL SELECT 'Experiment', count(*)::int FROM experiments WHERE project_id = $1
       UNION ALL SELECT 'Checkpoint', count(*)::int FROM checkpoints c JOIN runs r ON r.id = c.run_id
                   JOIN experiments e ON e.id = r.experiment_id WHERE e.project_id = $1 AND c.pruned_at IS NULL
       UNION ALL SELECT 'Evaluation', count(*)::int FROM evaluations WHERE project_id = $1
       UNION ALL SELECT 'BatchPrediction', count(*)::int FROM batch_predictions WHERE project_id = $1
       UNION ALL SELECT 'ScoredSamples', count(*)::int FROM scored_samples WHERE project_id = $1
       UNION ALL SELECT 'FeedbackTask', count(*)::int FROM feedback_tasks WHERE project_id = $1
       UNION ALL SELECT 'FeedbackLoop', count(*)::int FROM feedback_loops WHERE project_id = $1
       UNION ALL SELECT 'DatasetExport', count(*)::int FROM dataset_exports WHERE project_id = $1
       UNION ALL SELECT 'Preparation', count(*)::int FROM preparations WHERE project_id = $1
       UNION ALL SELECT 'ModelImport', count(*)::int FROM model_imports WHERE project_id = $1
       UNION ALL SELECT 'ModelExport', count(*)::int FROM model_exports WHERE project_id = $1
       UNION ALL SELECT 'Upload', count(*)::int FROM uploads WHERE project_id = $1
       UNION ALL SELECT 'Webhook', count(*)::int FROM webhooks WHERE project_id = $1
       UNION ALL SELECT 'Member', count(*)::int FROM members WHERE project_id = $1
     ) AS counted WHERE count > 0`,
    [projectId],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Deletes the project's rows, in the caller's transaction. The audit log stays, and so do the keys that it names. */
async function deleteProject(query: Query, projectId: string): Promise<void> {
  const files = await query<{ digest: string }>(
    'SELECT DISTINCT digest FROM artifact_references WHERE project_id = $1',
    [projectId],
  );
  // Service accounts have nowhere else to go.
  await query('UPDATE users SET deactivated_at = coalesce(deactivated_at, now()) WHERE service_of = $1', [projectId]);
  await query('UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE project_id = $1', [projectId]);
  await query('DELETE FROM idempotency_keys WHERE owner_id = $1', [projectId]);
  await query('UPDATE base_models SET produced_by_run_id = NULL WHERE project_id = $1', [projectId]);
  // Jobs of predictions have no other row; those of runs and the like would keep them.
  await query('DELETE FROM jobs WHERE project_id = $1', [projectId]);
  // Before their tasks, as answers take them.
  await query(
    `SELECT 1 FROM feedback_items WHERE task_id IN (SELECT id FROM feedback_tasks WHERE project_id = $1)
      ORDER BY id FOR UPDATE`,
    [projectId],
  );
  for (const table of beforeRuns) await query(`DELETE FROM ${table} WHERE project_id = $1`, [projectId]);
  const experiments = await query<{ id: string }>('SELECT id FROM experiments WHERE project_id = $1', [projectId]);
  await deleteRuns(
    query,
    experiments.map(({ id }) => id),
  );
  await query('DELETE FROM experiments WHERE project_id = $1', [projectId]);
  await query('DELETE FROM dataset_versions WHERE dataset_id IN (SELECT id FROM datasets WHERE project_id = $1)', [
    projectId,
  ]);
  for (const table of afterVersions) await query(`DELETE FROM ${table} WHERE project_id = $1`, [projectId]);
  await query('DELETE FROM projects WHERE id = $1', [projectId]);
  await noteRemovals(
    query,
    files.map(({ digest }) => digest),
  );
}
