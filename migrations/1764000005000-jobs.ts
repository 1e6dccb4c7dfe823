import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The durable queue: jobs with leases, and the workers that hold them. */
export class Jobs1764000005000 implements MigrationInterface {
  name = 'Jobs1764000005000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE workers (
        id uuid PRIMARY KEY,
        host text NOT NULL,
        process_id int NOT NULL,
        engine jsonb NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        stopped_at timestamptz
      );

      CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        kind text NOT NULL CHECK (kind IN ('train', 'evaluate', 'predict')),
        lane text NOT NULL CHECK (lane IN ('training', 'short')),
        run_id uuid UNIQUE REFERENCES runs,
        evaluation_id uuid UNIQUE REFERENCES evaluations,
        payload jsonb NOT NULL,
        priority int NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'claimed', 'paused', 'succeeded', 'failed', 'canceled')),
        -- Counts claims. The fencing token: a write that carries an older attempt is refused.
        attempt int NOT NULL DEFAULT 0,
        -- Attempts lost in a row without a new checkpoint; at 3 the job fails instead of being claimed again.
        fruitless_attempts int NOT NULL DEFAULT 0,
        worker_id uuid REFERENCES workers,
        -- On the database's clock, so that hosts need not agree on the time.
        lease_until timestamptz,
        available_at timestamptz NOT NULL DEFAULT now(),
        result jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz
      );
      CREATE INDEX jobs_to_claim ON jobs (lane, priority DESC, created_at) WHERE state IN ('queued', 'claimed');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
