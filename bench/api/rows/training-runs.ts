import { randomUUID } from 'node:crypto';
import type pg from 'pg';

export interface TrainingRun {
  readonly experimentId: string;
  readonly runId: string;
}

/** Adds experiments to a project of addProject whose runs train, in their first attempt, and have recorded nothing. */
export async function addTrainingRuns(client: pg.Client, slug: string, count: number): Promise<TrainingRun[]> {
  const runs = Array.from({ length: count }, () => ({ experimentId: randomUUID(), runId: randomUUID() }));
  await client.query(
    `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
     SELECT new.id, sample.project_id, 'trains', sample.method, sample.spec, sample.base_model_id, sample.dataset_version_id
     FROM unnest($2::uuid[]) AS new (id),
       (SELECT * FROM experiments WHERE project_id = (SELECT id FROM projects WHERE slug = $1) LIMIT 1) AS sample`,
    [slug, runs.map(({ experimentId }) => experimentId)],
  );
  await client.query(
    `INSERT INTO runs (id, experiment_id, status, attempt, started_at)
     SELECT id, experiment_id, 'TRAINING', 1, now() FROM unnest($1::uuid[], $2::uuid[]) AS run (id, experiment_id)`,
    [runs.map(({ runId }) => runId), runs.map(({ experimentId }) => experimentId)],
  );
  return runs;
}
