import { randomUUID } from 'node:crypto';
import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { ProducedModel } from '../thread-protocol.js';
import { keepArtifacts } from './keep-artifacts.js';

/**
 * Registers what a run produced as a base model, named after its experiment; if the project has a model of that name, the
 * run's id makes the difference. Throws ArtifactMissing.
 */
export async function registerModel(
  query: Query,
  store: ArtifactStore,
  runId: string,
  model: ProducedModel,
): Promise<void> {
  await keepArtifacts(query, store, model.artifacts);
  const [experiment] = await query<{ name: string; projectId: string }>(
    `SELECT e.name, e.project_id AS "projectId" FROM runs r JOIN experiments e ON e.id = r.experiment_id WHERE r.id = $1`,
    [runId],
  );
  if (experiment === undefined) throw new Error(`Run ${runId} has no experiment.`);
  for (const name of [experiment.name, `${experiment.name} (${runId.slice(0, 8)})`]) {
    const inserted = await query(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (project_id, name) DO NOTHING
       RETURNING id`,
      [
        randomUUID(),
        experiment.projectId,
        name,
        model.digest,
        JSON.stringify(model.manifest),
        `experiment ${experiment.name}`,
        runId,
      ],
    );
    if (inserted.length > 0) return;
  }
  throw new Error(`No name is free for the model of run ${runId}.`);
}
