import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, createIndexOnline, queryOnce, setCheckOnline } from './online.js';

/** Texts that language models write, each with the log of how it was written. */
export class Generations1764000057000 implements MigrationInterface {
  name = 'Generations1764000057000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'generations',
      `
      CREATE TABLE generations (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        -- What a model wrote goes with it, as a prediction does.
        base_model_id uuid NOT NULL REFERENCES base_models ON DELETE CASCADE,
        -- Prompt[] and GenerationSettings.
        prompts jsonb NOT NULL,
        settings jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- Somebody listens until then at least, or may still come; afterwards nobody wants it. Null: it is always wanted.
        listened_until timestamptz,
        -- Fence of its worker's writes, and the end of its log.
        attempt int NOT NULL DEFAULT 0,
        batch bigint NOT NULL DEFAULT 0,
        last_seq bigint NOT NULL DEFAULT 0,
        -- GenerationTimes; null until it has succeeded.
        times jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX generations_by_project ON generations (project_id, created_at DESC, id DESC);
      CREATE INDEX generations_by_model ON generations (base_model_id, created_at DESC, id DESC);
      CREATE INDEX generations_by_end ON generations (finished_at) WHERE finished_at IS NOT NULL;

      CREATE TABLE generation_events (
        generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
        seq bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        -- LoggedGenerationEvent.
        payload jsonb NOT NULL,
        PRIMARY KEY (generation_id, seq)
      );

      ALTER TABLE jobs ADD COLUMN generation_id uuid REFERENCES generations ON DELETE CASCADE;
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export', 'predictBatch')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'generation_id');
    // Of the generations of a worker.
    await createIndexOnline(queryRunner, 'jobs_generating', 'ON jobs (worker_id) WHERE generation_id IS NOT NULL');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
