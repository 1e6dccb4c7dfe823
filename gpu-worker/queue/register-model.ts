import { randomUUID } from 'node:crypto';
import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { keepArtifacts } from '../../src/storage/keep-artifacts.js';
import type { ImportedModel, ProducedModel } from '../thread-protocol.js';

/**
 * Registers the model that a run produced, named after its experiment; if the project has a model of that name, the
 * run's id is appended.
 * @throws ArtifactMissing
 */
export async function registerModel(
  query: Query,
  store: ArtifactStore,
  runId: string,
  model: ProducedModel,
): Promise<void> {
  await keepArtifacts(query, store, model.artifacts);
  const [experiment] = await query<{
    name: string;
    projectId: string;
    createdBy: string | null;
    licence: string | null;
  }>(
    `SELECT e.name, e.project_id AS "projectId", e.created_by AS "createdBy", b.licence
       FROM runs r JOIN experiments e ON e.id = r.experiment_id JOIN base_models b ON b.id = e.base_model_id
      WHERE r.id = $1`,
    [runId],
  );
  if (experiment === undefined) throw new Error(`Run ${runId} has no experiment.`);
  await insertModel(query, {
    projectId: experiment.projectId,
    createdBy: experiment.createdBy,
    names: [experiment.name, `${experiment.name} (${runId.slice(0, 8)})`],
    source: `experiment ${experiment.name}`,
    runId,
    licence: experiment.licence,
    model,
  });
}

/**
 * Registers an imported model under the name that the import requested; if a run's model has taken that name meanwhile,
 * the import's id is appended.
 * @throws ArtifactMissing
 */
export async function registerImportedModel(
  query: Query,
  store: ArtifactStore,
  importId: string,
  model: ImportedModel,
): Promise<void> {
  await keepArtifacts(query, store, model.artifacts);
  const [wanted] = await query<{ name: string; projectId: string; createdBy: string | null }>(
    'SELECT name, project_id AS "projectId", created_by AS "createdBy" FROM model_imports WHERE id = $1',
    [importId],
  );
  if (wanted === undefined) throw new Error(`Import ${importId} does not exist.`);
  const modelId = await insertModel(query, {
    projectId: wanted.projectId,
    createdBy: wanted.createdBy,
    names: [wanted.name, `${wanted.name} (${importId.slice(0, 8)})`],
    source: model.source,
    runId: null,
    licence: null,
    model,
  });
  await query('UPDATE model_imports SET base_model_id = $2, ignored_tensors = $3 WHERE id = $1', [
    importId,
    modelId,
    model.ignoredTensors,
  ]);
}

/** Inserts the model under the first free name. Returns its id. */
async function insertModel(
  query: Query,
  row: {
    readonly projectId: string;
    /** The user who requested the run or the import. */
    readonly createdBy: string | null;
    readonly names: readonly string[];
    readonly source: string;
    readonly runId: string | null;
    /** What somebody set as the licence of the model that it was trained from; null: nobody did. */
    readonly licence: string | null;
    readonly model: ProducedModel;
  },
): Promise<string> {
  const { projectId, createdBy, names, source, runId, licence, model } = row;
  for (const name of names) {
    const [inserted] = await query<{ id: string }>(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source, licence, produced_by_run_id, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (project_id, name) DO NOTHING
       RETURNING id`,
      [randomUUID(), projectId, name, model.digest, JSON.stringify(model.manifest), source, licence, runId, createdBy],
    );
    if (inserted !== undefined) return inserted.id;
  }
  throw new Error(`No name is free for the model: ${names.join(', ')}.`);
}
