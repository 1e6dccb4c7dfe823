import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, createIndexOnline, queryOnce, setCheckOnline } from './online.js';

/** Jobs make the items of feedback tasks: of rows, of predictions and of what models write. */
export class FeedbackItemSources1764000078000 implements MigrationInterface {
  name = 'FeedbackItemSources1764000078000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'feedback_item_sources',
      `
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

      ALTER TABLE jobs ADD COLUMN item_source_id uuid REFERENCES feedback_item_sources ON DELETE CASCADE;
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export', 'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend', 'inspect', 'makeItems')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'item_source_id');
    // For orders by priority.
    await createIndexOnline(
      queryRunner,
      'feedback_items_by_priority',
      'ON feedback_items (task_id, priority DESC NULLS LAST, position) WHERE settled_at IS NULL AND gold IS NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
