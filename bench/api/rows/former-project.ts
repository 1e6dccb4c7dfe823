import type pg from 'pg';
import type { SupervisedSpec } from '../../../src/protocol/methods/index.js';
import { supervisedSpec } from '../../../tests/support/specs.js';

/**
 * The last migration that made the tables which addFormerRows fills: projects, datasets, models, experiments,
 * evaluations and the queue.
 */
export const formerMigration = 'Jobs1764000005000';

/** Tables that addFormerRows fills with very many rows: what readers and writers of a running server touch. */
export const formerTables = ['experiments', 'runs', 'base_models', 'evaluations', 'jobs'] as const;

/**
 * Writes experiments into a database of the first release's schema, with specs and manifests as they were then: each
 * with its run, its job, its model, points of two metrics and an event; and an evaluation for each tenth. Every tenth
 * experiment has several tasks, and went on in a second attempt with values that are no numbers.
 * @param model a base model of today's, whose manifest the rows get
 */
export async function addFormerRows(
  client: pg.Client,
  model: { readonly digest: string; readonly manifest: object },
  experiments: number,
): Promise<void> {
  const spec = formerSpec(supervisedSpec({ baseModelDigest: model.digest, datasetDigest: model.digest }));
  const manifest = JSON.stringify(without(model.manifest, laterInManifests));
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
    [model.digest, manifest],
  );
  await run(`INSERT INTO datasets (id, project_id, name) VALUES (${id('dataset')}, ${id('project')}, 'dataset')`);
  await run(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     VALUES (${id('version')}, ${id('dataset')}, 1, $1, $1, 'CSV', 1000, 0, '[]', '[]', '{}')`,
    [model.digest],
  );
  await run(
    `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
     SELECT ${id('experiment', 'i')}, ${id('project')}, 'experiment ' || i, spec ->> 'method', spec, ${id('base')}, ${id('version')}
     FROM generate_series(1, $2::int) AS i, LATERAL (SELECT (CASE WHEN i % 10 = 0 THEN $3 ELSE $1 END)::jsonb AS spec) AS chosen`,
    [JSON.stringify(spec), experiments, JSON.stringify(inTasks(spec))],
  );
  await run(
    `INSERT INTO runs (id, experiment_id, status, attempt, last_seq, started_at, finished_at)
     SELECT ${id('run', 'i')}, ${id('experiment', 'i')}, 'SUCCEEDED', 1, 1, now(), now() FROM generate_series(1, $1::int) AS i`,
    [experiments],
  );
  await run(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id)
     SELECT ${id('model', 'i')}, ${id('project')}, 'model ' || i, $1, $2, 'experiment ' || i, ${id('run', 'i')} FROM generate_series(1, $3::int) AS i`,
    [
      model.digest,
      JSON.stringify({ ...JSON.parse(manifest), heads: [{ task: 'label', labels: spec.labels }] }),
      experiments,
    ],
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
    `INSERT INTO metric_points (run_id, key, attempt, step, seq, epoch, value)
     SELECT ${id('run', 'i')}, 'train/loss', attempt, step, step, 1, CASE WHEN step = 70 THEN 'NaN' ELSE step::float8 END
     FROM generate_series(10, $1::int, 10) AS i, (VALUES (1, 40), (1, 70), (2, 40), (2, 600)) AS later (attempt, step)`,
    [experiments],
  );
  await run(
    `INSERT INTO jobs (id, project_id, kind, lane, run_id, payload, state, attempt, settled_at)
     SELECT ${id('job', 'i')}, ${id('project')}, 'train', 'training', ${id('run', 'i')}, '{}', 'succeeded', 1, now() FROM generate_series(1, $1::int) AS i`,
    [experiments],
  );
  await run(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores, finished_at)
     SELECT ${id('evaluation', 'i')}, ${id('project')}, ${id('model', 'i')}, ${id('version')}, 'test', 'text', '[{"task":"label","labelColumn":"label"}]',
       'SUCCEEDED', '[{"task":"label","accuracy":0.9,"loss":0.3,"micro":{"precision":0.8},"perClass":[{"label":"ham"},{"label":"spam"}]}]', now() FROM generate_series(1, $1::int) AS i`,
    [Math.ceil(experiments / 10)],
  );
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE');
}

const laterInManifests = ['pooling', 'truncationSide', 'adapter', 'files'];

/** As the first release wrote it: heads of classification alone, with their fields beside those of the method. */
function formerSpec({ head, ...spec }: SupervisedSpec) {
  if (head.kind !== 'classification') throw new Error('The first release knew classification alone.');
  const { labelColumn, labels, classWeights } = head;
  const hyperparameters = without(spec.hyperparameters, ['pooling', 'truncationSide', 'adapter']);
  return { ...without(spec, ['pairColumn']), method: spec.method, hyperparameters, labelColumn, labels, classWeights };
}

function inTasks({ labelColumn, labels, classWeights, ...spec }: ReturnType<typeof formerSpec>): object {
  const tasks = ['topic', 'tone'].map((name) => ({ name, weight: 1, labelColumn, labels, classWeights }));
  return { ...spec, method: 'multiTask', tasks, lossWeighting: 'fixed' };
}

function without(object: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
