import type pg from 'pg';
import { supervisedSpec } from '../../../tests/support/specs.js';

/**
 * The last migration that made the tables which addFormerRows fills: projects, datasets, models, experiments,
 * evaluations and the queue.
 */
export const formerMigration = 'Jobs1764000005000';

/** Tables that addFormerRows fills with very many rows: what readers and writers of a running server touch. */
export const formerTables = ['experiments', 'runs', 'evaluations', 'jobs'] as const;

/**
 * Writes experiments into a database of the first release's schema: each with its run, its job, two points of metrics
 * and an event; and an evaluation for each tenth.
 * @param model a base model of today's, whose manifest the rows get
 */
export async function addFormerRows(
  client: pg.Client,
  model: { readonly digest: string; readonly manifest: object },
  experiments: number,
): Promise<void> {
  const spec = supervisedSpec({ baseModelDigest: model.digest, datasetDigest: model.digest });
  const id = (kind: string, number = "''"): string => `md5('${kind}' || ${number})::uuid`;
  await client.query('BEGIN');
  await client.query('SET LOCAL session_replication_role = replica');
  const run = (sql: string, parameters: readonly unknown[] = []) => client.query(sql, [...parameters]);
  await run(`INSERT INTO projects (id, slug, name) VALUES (${id('project')}, 'former', 'Former')`);
  await run(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'application/json')`, [
    model.digest,
  ]);
  await run(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES (${id('base')}, ${id('project')}, 'base', $1, $2, 'the bench')`,
    [model.digest, JSON.stringify(model.manifest)],
  );
  await run(`INSERT INTO datasets (id, project_id, name) VALUES (${id('dataset')}, ${id('project')}, 'dataset')`);
  await run(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     VALUES (${id('version')}, ${id('dataset')}, 1, $1, $1, 'CSV', 1000, 0, '[]', '[]', '{}')`,
    [model.digest],
  );
  await run(
    `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
     SELECT ${id('experiment', 'i')}, ${id('project')}, 'experiment ' || i, 'supervised', $1, ${id('base')}, ${id('version')} FROM generate_series(1, $2::int) AS i`,
    [JSON.stringify(spec), experiments],
  );
  await run(
    `INSERT INTO runs (id, experiment_id, status, attempt, last_seq, started_at, finished_at)
     SELECT ${id('run', 'i')}, ${id('experiment', 'i')}, 'SUCCEEDED', 1, 1, now(), now() FROM generate_series(1, $1::int) AS i`,
    [experiments],
  );
  await run(
    `INSERT INTO run_events (run_id, seq, attempt, kind, payload)
     SELECT ${id('run', 'i')}, 1, 1, 'logLine', '{"kind":"logLine","level":"INFO","message":"Trained"}' FROM generate_series(1, $1::int) AS i`,
    [experiments],
  );
  await run(
    `INSERT INTO metric_points (run_id, key, attempt, step, seq, epoch, value)
     SELECT ${id('run', 'i')}, key, 1, 1, 1, 1, i FROM generate_series(1, $1::int) AS i, unnest('{train/loss,validation/loss}'::text[]) AS key`,
    [experiments],
  );
  await run(
    `INSERT INTO jobs (id, project_id, kind, lane, run_id, payload, state, attempt, settled_at)
     SELECT ${id('job', 'i')}, ${id('project')}, 'train', 'training', ${id('run', 'i')}, '{}', 'succeeded', 1, now() FROM generate_series(1, $1::int) AS i`,
    [experiments],
  );
  await run(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores, finished_at)
     SELECT ${id('evaluation', 'i')}, ${id('project')}, ${id('base')}, ${id('version')}, 'test', 'text', '[{"task":"label","labelColumn":"label"}]',
       'SUCCEEDED', '[{"task":"label","accuracy":0.9,"loss":0.3,"perClass":[]}]', now() FROM generate_series(1, $1::int) AS i`,
    [Math.ceil(experiments / 10)],
  );
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE');
}
