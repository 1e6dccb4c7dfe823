import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs make the items of feedback tasks: of rows, of predictions and of what models write. */
export class FeedbackItemSources1764000078000 implements MigrationInterface {
  name = 'FeedbackItemSources1764000078000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE feedback_item_sources (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL UNIQUE REFERENCES feedback_tasks ON DELETE CASCADE,
        -- MakeItemsJob.
        request jsonb NOT NULL,
        -- What the task becomes once its items are there.
        opens_as text NOT NULL CHECK (opens_as IN ('OPEN', 'PAUSED')),
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- MakeItemsProgress.
        progress jsonb,
        problem jsonb,
        -- Null until it has succeeded.
        item_count bigint,
        left_out_count bigint,
        equal_count bigint,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
      );

      -- ItemPrediction: what a model says of the item's text.
      ALTER TABLE feedback_items ADD COLUMN prediction jsonb;
      -- For orders by priority.
      CREATE INDEX feedback_items_by_priority ON feedback_items (task_id, priority DESC NULLS LAST, position)
        WHERE settled_at IS NULL AND gold IS NULL;

      ALTER TABLE jobs
        DROP CONSTRAINT jobs_kind_check,
        ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('train', 'evaluate', 'predict', 'generate', 'import',
          'export', 'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend', 'inspect',
          'makeItems')),
        ADD COLUMN item_source_id uuid UNIQUE REFERENCES feedback_item_sources ON DELETE CASCADE;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
