import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addComputedColumnOnline, labelsOfEvaluations, labelsOfExperiments } from './computed.js';
import { createIndexOnline, inBatches, queryOnce, replaceIndexOnline } from './online.js';
import { keepScoresOnline } from './scores.js';

const firstMeasures = ['accuracy', 'loss', 'macro.precision', 'macro.recall', 'macro.f1', 'micro.f1', 'weighted.f1'];

const indexes = {
  // Who reached what: answers a range of a metric, and an order by it, without a look at the table.
  run_metrics_by_value: 'ON run_metrics (key, value, run_id)',

  base_models_by_project: 'ON base_models (project_id, created_at DESC, id DESC)',
  base_models_by_size: `ON base_models (project_id, ((manifest ->> 'parameterCount')::bigint), id)`,
  base_models_by_architecture: `ON base_models (project_id, (manifest #>> '{config,architecture}'))`,
  base_models_by_heads: `ON base_models USING gin ((manifest -> 'heads') jsonb_path_ops)`,
  base_models_by_run: 'ON base_models (produced_by_run_id)',

  // What lists show unless they are asked for more.
  experiments_not_archived: 'ON experiments (project_id, created_at DESC, id DESC) WHERE archived_at IS NULL',
  experiments_by_name: 'ON experiments (project_id, lower(name), created_at, id)',
  experiments_by_model: 'ON experiments (base_model_id, created_at DESC, id DESC)',
  experiments_by_version: 'ON experiments (dataset_version_id, created_at DESC, id DESC)',
  experiments_by_author: 'ON experiments (created_by, created_at DESC, id DESC)',
  experiments_by_label: 'ON experiments USING gin (labels)',
  runs_by_status: 'ON runs (status)',

  evaluations_by_label: 'ON evaluations USING gin (labels)',
  evaluation_scores_by_value: 'ON evaluation_scores (measure, value, evaluation_id, task)',
  evaluations_by_version: 'ON evaluations (dataset_version_id, created_at DESC, id DESC)',
};

/** Columns and indexes for filtering and sorting lists, such as the newest value of each metric of a run. */
export class ListIndexes1764000010000 implements MigrationInterface {
  name = 'ListIndexes1764000010000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'run_metrics',
      `
      -- Of each metric of a run the newest point: of the highest attempt that recorded it, the highest step. Written with the points.
      CREATE TABLE run_metrics (
        run_id uuid NOT NULL REFERENCES runs,
        key text NOT NULL,
        attempt int NOT NULL,
        step int NOT NULL,
        epoch double precision NOT NULL,
        value double precision NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (run_id, key)
      );

      CREATE INDEX datasets_by_project ON datasets (project_id, created_at DESC, id DESC);
      CREATE INDEX dataset_versions_by_columns ON dataset_versions USING gin (columns jsonb_path_ops);

      CREATE FUNCTION labels_of_spec(spec jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM jsonb_path_query(jsonb_build_array(spec, spec -> 'tasks'), 'lax $[*].labels[*]') AS label);
      CREATE FUNCTION labels_of_scores(scores jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM jsonb_path_query(coalesce(scores, '[]'), 'lax $[*].perClass[*].label') AS label);

      -- What evaluations.scores says of each task in one number, out of documents that hold whole confusion matrices.
      CREATE TABLE evaluation_scores (
        evaluation_id uuid NOT NULL REFERENCES evaluations ON DELETE CASCADE,
        measure text NOT NULL,
        task text NOT NULL,
        value double precision NOT NULL,
        PRIMARY KEY (evaluation_id, measure, task)
      );
      CREATE FUNCTION keep_evaluation_scores() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM evaluation_scores WHERE evaluation_id = NEW.id;
          INSERT INTO evaluation_scores (evaluation_id, measure, task, value)
          SELECT NEW.id, measure, scores ->> 'task', (scores #>> string_to_array(measure, '.'))::float8
            FROM jsonb_array_elements(NEW.scores) AS scores,
                 unnest(ARRAY['accuracy', 'loss', 'macro.precision', 'macro.recall', 'macro.f1', 'micro.f1', 'weighted.f1']) AS measure
           WHERE scores #>> string_to_array(measure, '.') IS NOT NULL;
          RETURN NULL;
        END $$;
      CREATE TRIGGER evaluations_scores AFTER UPDATE OF scores ON evaluations
        FOR EACH ROW EXECUTE FUNCTION keep_evaluation_scores();
      CREATE TRIGGER evaluations_scores_insert AFTER INSERT ON evaluations
        FOR EACH ROW WHEN (NEW.scores IS NOT NULL) EXECUTE FUNCTION keep_evaluation_scores();
    `,
    );
    await addComputedColumnOnline(queryRunner, labelsOfExperiments);
    await addComputedColumnOnline(queryRunner, labelsOfEvaluations);
    await fillRunMetrics(queryRunner);
    // Those that are there already.
    await keepScoresOnline(queryRunner, firstMeasures);
    for (const [name, definition] of Object.entries(indexes)) await createIndexOnline(queryRunner, name, definition);
    await replaceIndexOnline(
      queryRunner,
      'evaluations_by_model',
      'ON evaluations (base_model_id, created_at DESC, id DESC)',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}

/** Points of one metric may be in several batches: the newest stays. */
function fillRunMetrics(queryRunner: QueryRunner): Promise<void> {
  return inBatches(queryRunner, {
    table: 'metric_points',
    row: 'p',
    pages: 200,
    statement: (within) => `
      INSERT INTO run_metrics AS m (run_id, key, attempt, step, epoch, value, at)
      SELECT DISTINCT ON (run_id, key) run_id, key, attempt, step, epoch, value, at
        FROM metric_points p WHERE ${within} ORDER BY run_id, key, attempt DESC, step DESC
      ON CONFLICT (run_id, key) DO UPDATE SET
        attempt = excluded.attempt, step = excluded.step, epoch = excluded.epoch, value = excluded.value, at = excluded.at
        WHERE (excluded.attempt, excluded.step) > (m.attempt, m.step)`,
  });
}
