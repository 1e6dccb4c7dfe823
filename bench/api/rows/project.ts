import type pg from 'pg';
import { supervisedSpec } from '../../../tests/support/specs.js';

/** How many rows a project has. */
export interface ProjectSize {
  readonly slug: string;
  readonly experiments: number;
  /** Of the model that each experiment produced. */
  readonly evaluations: number;
}

/** The metrics whose newest values experiments show. */
export const summaryKeys = [
  'train/examplesPerSecond',
  'train/gradientNorm',
  'train/learningRate',
  'train/loss',
  'validation/f1',
  'validation/loss',
] as const;

const datasets = 10;
const words = ['spam', 'topic', 'mood', 'intent', 'invoice', 'churn', 'review', 'ticket', 'legal', 'triage'];

/**
 * Adds a project of experiments that have succeeded: each with its run, the newest values of its metrics, the model
 * that it produced and that model's evaluations, on ten datasets. Ids follow from the slug and a number, so that
 * statements name rows without reading them. The rows are written without triggers and checks of references, which a
 * million rows would take minutes for; all references are met.
 */
export async function addProject(client: pg.Client, { slug, experiments, evaluations }: ProjectSize): Promise<void> {
  const [model] = (
    await client.query(
      'SELECT id, digest, manifest FROM base_models WHERE produced_by_run_id IS NULL ORDER BY name LIMIT 1',
    )
  ).rows;
  const spec = supervisedSpec({ baseModelDigest: model.digest, datasetDigest: model.digest });
  const run = (sql: string, parameters: readonly unknown[] = []) => client.query(sql, [slug, ...parameters]);
  await client.query('BEGIN');
  await client.query('SET LOCAL session_replication_role = replica');
  await run(`INSERT INTO projects (id, slug, name) VALUES (${id('project')}, $1, 'Measured')`);
  await run(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
     VALUES (${id('base')}, ${id('project')}, 'base', $2, $3, 'the bench')`,
    [model.digest, JSON.stringify(model.manifest)],
  );
  await run(`INSERT INTO datasets (id, project_id, name)
     SELECT ${id('dataset', 'i')}, ${id('project')}, 'dataset ' || i FROM generate_series(0, ${datasets - 1}) AS i`);
  await run(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     SELECT ${id('version', 'i')}, ${id('dataset', 'i')}, 1, $2, $2, 'CSV', 1000 + i, 0, '[]', '[]', '{}'
     FROM generate_series(0, ${datasets - 1}) AS i`,
    [model.digest],
  );
  await run(
    `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id, tags, notes, created_at)
     SELECT ${id('experiment', 'i')}, ${id('project')}, ($3::text[])[1 + i % ${words.length}] || ' classifier ' || i, 'supervised', $2,
       ${id('base')}, ${id('version', `i % ${datasets}`)}, ARRAY['tag-' || i % 7, 'all'],
       CASE WHEN i % 50 = 0 THEN 'Learns slowly after step ' || i ELSE '' END, ${moment('i')}
     FROM generate_series(1, $4::int) AS i`,
    [JSON.stringify(spec), words, experiments],
  );
  await run(
    `INSERT INTO runs (id, experiment_id, status, attempt, last_seq, progress, started_at, finished_at)
     SELECT ${id('run', 'i')}, ${id('experiment', 'i')}, 'SUCCEEDED', 1, 1000, '{"step":1000,"totalSteps":1000,"epoch":3,"examplesPerSecond":210.5,"etaSeconds":0}',
       ${moment('i')} + interval '1 minute', ${moment('i')} + interval '1 hour'
     FROM generate_series(1, $2::int) AS i`,
    [experiments],
  );
  // Values in another order than the experiments', each its own.
  await run(
    `INSERT INTO run_metrics (project_id, run_id, key, attempt, step, epoch, value, at)
     SELECT ${id('project')}, ${id('run', 'i')}, key, 1, 1000, 3, ((i::bigint * 7919) % 1000003) / 1000003.0 + ordinal, ${moment('i')}
     FROM generate_series(1, $2::int) AS i, unnest($3::text[]) WITH ORDINALITY AS metric (key, ordinal)`,
    [experiments, summaryKeys],
  );
  if (evaluations > 0) {
    await run(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id, created_at)
       SELECT ${id('model', 'i')}, ${id('project')}, 'model ' || i, $2, $3, 'experiment ' || i, ${id('run', 'i')}, ${moment('i')}
       FROM generate_series(1, $4::int) AS i`,
      [model.digest, JSON.stringify(model.manifest), experiments],
    );
    await run(
      `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores, created_at, finished_at)
       SELECT ${id('evaluation', "i || ':' || j")}, ${id('project')}, ${id('model', 'i')}, ${id('version', `(i + j) % ${datasets}`)}, 'test', 'text',
         '[{"task":"label","targetColumns":["label"]}]', 'SUCCEEDED', $2, ${moment('i')} + j * interval '1 hour', ${moment('i')} + j * interval '1 hour 1 minute'
       FROM generate_series(1, $3::int) AS i, generate_series(1, $4::int) AS j`,
      [JSON.stringify([scores]), experiments, evaluations],
    );
  }
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE');
}

/** SQL of a row's id. @param number SQL of what tells it from the other rows of its kind */
function id(kind: string, number = "''"): string {
  return `md5($1::text || '/${kind}/' || (${number}))::uuid`;
}

/** SQL of when the experiment of a number was created: one a minute. */
function moment(number: string): string {
  return `timestamptz '2026-01-01 00:00:00+00' + ${number} * interval '1 minute'`;
}

const average = { precision: 0.91, recall: 0.88, f1: 0.894 };
const scores = {
  kind: 'classification',
  task: 'label',
  exampleCount: 400,
  accuracy: 0.9,
  loss: 0.31,
  macro: average,
  micro: average,
  weighted: average,
  perClass: ['ham', 'spam'].map((label) => ({ label, ...average, support: 200 })),
  confusionMatrix: [
    [180, 20],
    [20, 180],
  ],
};
