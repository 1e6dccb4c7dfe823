import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns and indexes for filtering and sorting lists, such as the newest value of each metric of a run. */
export class ListIndexes1764000010000 implements MigrationInterface {
  name = 'ListIndexes1764000010000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
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
      INSERT INTO run_metrics (run_id, key, attempt, step, epoch, value, at)
      SELECT DISTINCT ON (run_id, key) run_id, key, attempt, step, epoch, value, at
        FROM metric_points ORDER BY run_id, key, attempt DESC, step DESC;

      -- Who reached what: answers a range of a metric, and an order by it, without a look at the table.
      CREATE INDEX run_metrics_by_value ON run_metrics (key, value, run_id);

      CREATE INDEX datasets_by_project ON datasets (project_id, created_at DESC, id DESC);
      CREATE INDEX dataset_versions_by_columns ON dataset_versions USING gin (columns jsonb_path_ops);

      CREATE INDEX base_models_by_project ON base_models (project_id, created_at DESC, id DESC);
      CREATE INDEX base_models_by_size ON base_models (project_id, ((manifest ->> 'parameterCount')::bigint), id);
      CREATE INDEX base_models_by_architecture ON base_models (project_id, (manifest #>> '{config,architecture}'));
      CREATE INDEX base_models_by_heads ON base_models USING gin ((manifest -> 'heads') jsonb_path_ops);
      CREATE INDEX base_models_by_run ON base_models (produced_by_run_id);

      -- What lists show unless they are asked for more.
      CREATE INDEX experiments_not_archived ON experiments (project_id, created_at DESC, id DESC) WHERE archived_at IS NULL;
      CREATE INDEX experiments_by_name ON experiments (project_id, lower(name), created_at, id);
      CREATE INDEX experiments_by_model ON experiments (base_model_id, created_at DESC, id DESC);
      CREATE INDEX experiments_by_version ON experiments (dataset_version_id, created_at DESC, id DESC);
      CREATE INDEX experiments_by_author ON experiments (created_by, created_at DESC, id DESC);
      CREATE FUNCTION labels_of_spec(spec jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM jsonb_path_query(jsonb_build_array(spec, spec -> 'tasks'), 'lax $[*].labels[*]') AS label);
      ALTER TABLE experiments ADD COLUMN labels text[] NOT NULL GENERATED ALWAYS AS (labels_of_spec(spec)) STORED;
      CREATE INDEX experiments_by_label ON experiments USING gin (labels);
      CREATE INDEX runs_by_status ON runs (status);

      DROP INDEX evaluations_by_model;
      CREATE INDEX evaluations_by_model ON evaluations (base_model_id, created_at DESC, id DESC);
      CREATE FUNCTION labels_of_scores(scores jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM jsonb_path_query(coalesce(scores, '[]'), 'lax $[*].perClass[*].label') AS label);
      ALTER TABLE evaluations ADD COLUMN labels text[] NOT NULL GENERATED ALWAYS AS (labels_of_scores(scores)) STORED;
      CREATE INDEX evaluations_by_label ON evaluations USING gin (labels);

      -- What evaluations.scores says of each task in one number, out of documents that hold whole confusion matrices.
      CREATE TABLE evaluation_scores (
        evaluation_id uuid NOT NULL REFERENCES evaluations ON DELETE CASCADE,
        measure text NOT NULL,
        task text NOT NULL,
        value double precision NOT NULL,
        PRIMARY KEY (evaluation_id, measure, task)
      );
      CREATE INDEX evaluation_scores_by_value ON evaluation_scores (measure, value, evaluation_id, task);
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
      -- Those that are there already.
      UPDATE evaluations SET scores = scores WHERE scores IS NOT NULL;

      CREATE INDEX evaluations_by_version ON evaluations (dataset_version_id, created_at DESC, id DESC);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
