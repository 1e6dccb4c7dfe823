import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists are filtered and sorted by: the newest value of each metric of a run, and indexes. */
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
      -- Rows change with every batch of events. No index holds what changes, and pages have room: the updates stay in them.
      ) WITH (fillfactor = 70);
      INSERT INTO run_metrics (run_id, key, attempt, step, epoch, value, at)
      SELECT DISTINCT ON (run_id, key) run_id, key, attempt, step, epoch, value, at
        FROM metric_points ORDER BY run_id, key, attempt DESC, step DESC;

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
      CREATE INDEX experiments_by_label ON experiments USING gin ((spec -> 'labels') jsonb_path_ops);
      CREATE INDEX experiments_by_task_label ON experiments USING gin ((spec -> 'tasks') jsonb_path_ops);
      CREATE INDEX runs_by_status ON runs (status);

      DROP INDEX evaluations_by_model;
      CREATE INDEX evaluations_by_model ON evaluations (base_model_id, created_at DESC, id DESC);
      CREATE INDEX evaluations_by_version ON evaluations (dataset_version_id, created_at DESC, id DESC);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
