import type { Query } from '../protocol/sql/query.js';
import type { Doomed } from './doomed.js';

/** Tables with the rows of a run. */
const tablesOfRuns = [
  'metric_points',
  'metric_blocks',
  'metric_spans',
  'run_metrics',
  'run_events',
  'run_attempts',
  'checkpoints',
];

/** Deletes the rows of the objects, those that refer to others first. Runs in the caller's transaction. */
export async function deleteRows(query: Query, doomed: Doomed): Promise<void> {
  const [versions, models, experiments] = [
    doomed.ids('DatasetVersion'),
    doomed.ids('BaseModel'),
    doomed.ids('Experiment'),
  ];
  const [evaluations, batches, written, imports, exports] = [
    doomed.ids('Evaluation'),
    doomed.ids('BatchPrediction'),
    doomed.ids('DatasetExport'),
    doomed.ids('ModelImport'),
    doomed.ids('ModelExport'),
  ];
  const remove = async (table: string, column: string, ids: readonly string[]): Promise<void> => {
    if (ids.length > 0) await query(`DELETE FROM ${table} WHERE ${column} = ANY($1::uuid[])`, [ids]);
  };
  await remove('jobs', 'evaluation_id', evaluations);
  await remove('jobs', 'batch_prediction_id', batches);
  await remove('jobs', 'import_id', imports);
  await remove('jobs', 'export_id', exports);
  await remove('evaluations', 'id', evaluations);
  await remove('batch_predictions', 'id', batches);
  // Its rounds and its log go with it; what they made stays.
  await remove('feedback_loops', 'id', doomed.ids('FeedbackLoop'));
  // Its job and its prompts go with it.
  await remove('scored_samples', 'id', doomed.ids('ScoredSamples'));
  // Items, claims, answers and the log go with it.
  await remove('feedback_tasks', 'id', doomed.ids('FeedbackTask'));
  // Its job goes with it.
  await remove('dataset_exports', 'id', written);
  await remove('model_imports', 'id', imports);
  await remove('model_exports', 'id', exports);
  await remove('model_aliases', 'id', doomed.ids('ModelAlias'));
  // A model came out of a run, whose experiment was on another model: the reference goes first, then run and models.
  await query('UPDATE base_models SET produced_by_run_id = NULL WHERE id = ANY($1::uuid[])', [models]);
  await deleteRuns(query, experiments);
  await remove('experiments', 'id', experiments);
  await remove('base_models', 'id', models);
  await query(
    `UPDATE datasets d SET last_deleted_version = greatest(last_deleted_version, gone.number)
       FROM (SELECT dataset_id, max(number) AS number FROM dataset_versions WHERE id = ANY($1::uuid[]) GROUP BY 1) AS gone
      WHERE d.id = gone.dataset_id`,
    [versions],
  );
  await remove('dataset_versions', 'id', versions);
  await remove('datasets', 'id', doomed.ids('Dataset'));
}

export async function deleteRuns(query: Query, experimentIds: readonly string[]): Promise<void> {
  if (experimentIds.length === 0) return;
  // The lock keeps writers out, as no foreign key is on events and points (ADR 0063).
  const rows = await query<{ id: string }>(
    'SELECT id FROM runs WHERE experiment_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
    [experimentIds],
  );
  const runs = rows.map(({ id }) => id);
  await query('DELETE FROM jobs WHERE run_id = ANY($1::uuid[])', [runs]);
  for (const table of tablesOfRuns) await query(`DELETE FROM ${table} WHERE run_id = ANY($1::uuid[])`, [runs]);
  await query('DELETE FROM runs WHERE id = ANY($1::uuid[])', [runs]);
}

/**
 * Deletes the uploads that these versions were made from, which would keep the uploaded file, unless another version
 * was made from equal bytes.
 */
export async function deleteUploadsOf(query: Query, projectId: string, uploadIds: readonly string[]): Promise<void> {
  await query('DELETE FROM uploads WHERE project_id = $1 AND id = ANY($2::uuid[])', [projectId, uploadIds]);
}

/** The used uploads of a project whose file only these versions were made from. */
export async function uploadsOf(
  query: Query,
  projectId: string,
  versionIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await query<{ id: string }>(
    `SELECT u.id FROM uploads u
      WHERE u.project_id = $1 AND u.status = 'CONSUMED'
        AND u.artifact_digest IN (SELECT source_digest FROM dataset_versions WHERE id = ANY($2::uuid[])
                                  UNION ALL
                                  SELECT digest FROM dataset_version_sources
                                   WHERE dataset_version_id = ANY($2::uuid[]) AND kind = 'upload')
        AND NOT EXISTS (SELECT FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id
                         WHERE d.project_id = $1 AND v.id <> ALL($2::uuid[])
                           AND (v.source_digest = u.artifact_digest
                                OR EXISTS (SELECT FROM dataset_version_sources s
                                            WHERE s.dataset_version_id = v.id AND s.kind = 'upload'
                                              AND s.digest = u.artifact_digest)))`,
    [projectId, versionIds],
  );
  return rows.map(({ id }) => id);
}
