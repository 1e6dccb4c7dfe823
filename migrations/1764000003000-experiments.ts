import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Experiments, their runs, attempts, checkpoints, events and metric points. */
export class Experiments1764000003000 implements MigrationInterface {
  name = 'Experiments1764000003000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE experiments (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL,
        method text NOT NULL,
        spec jsonb NOT NULL,
        base_model_id uuid NOT NULL REFERENCES base_models,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX experiments_by_project ON experiments (project_id, created_at DESC, id DESC);

      CREATE TABLE runs (
        id uuid PRIMARY KEY,
        experiment_id uuid NOT NULL UNIQUE REFERENCES experiments,
        status text NOT NULL CHECK (status IN
          ('QUEUED','PREPARING','TRAINING','EVALUATING','PAUSED','CANCELING','SUCCEEDED','FAILED','CANCELED')),
        -- What the user asked for last; the worker follows it between steps.
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'PAUSE', 'CANCEL')),
        attempt int NOT NULL DEFAULT 0,
        -- Number of the attempt's last committed write: one repeated after a lost COMMIT is recognized by it.
        batch bigint NOT NULL DEFAULT 0,
        last_seq bigint NOT NULL DEFAULT 0,
        progress jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
      );

      ALTER TABLE base_models ADD FOREIGN KEY (produced_by_run_id) REFERENCES runs;

      CREATE TABLE run_attempts (
        run_id uuid NOT NULL REFERENCES runs,
        attempt int NOT NULL,
        worker_id uuid NOT NULL,
        -- EngineChoice: target, reason, what was rejected and why, threads, version.
        engine jsonb,
        resumed_from_step int NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        outcome text CHECK (outcome IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'PAUSED', 'RELEASED', 'LOST')),
        PRIMARY KEY (run_id, attempt)
      );

      CREATE TABLE run_events (
        run_id uuid NOT NULL REFERENCES runs,
        seq bigint NOT NULL,
        attempt int NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        kind text NOT NULL,
        payload jsonb NOT NULL,
        PRIMARY KEY (run_id, seq)
      );

      CREATE TABLE metric_points (
        run_id uuid NOT NULL REFERENCES runs,
        key text NOT NULL,
        attempt int NOT NULL,
        step int NOT NULL,
        seq bigint NOT NULL,
        epoch double precision NOT NULL,
        -- PostgreSQL's float8 carries NaN and the infinities as they are.
        value double precision NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (run_id, key, attempt, step)
      );

      CREATE TABLE checkpoints (
        id uuid PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES runs,
        attempt int NOT NULL,
        step int NOT NULL,
        -- Artifact of the checkpoint manifest (JSON), which names its tensor artifacts.
        digest text NOT NULL REFERENCES artifacts,
        -- The manifest and every file it names.
        artifact_digests text[] NOT NULL,
        size_bytes bigint NOT NULL,
        best boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- Set when its files were removed because newer checkpoints took its place.
        pruned_at timestamptz
      );
      -- Not unique: a pause may come right after a checkpoint that was due anyway. The later one counts.
      CREATE INDEX checkpoints_by_run ON checkpoints (run_id, attempt DESC, step DESC, created_at DESC);
      -- Which kept checkpoint still needs a file.
      CREATE INDEX checkpoints_by_artifact ON checkpoints USING gin (artifact_digests) WHERE pruned_at IS NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
