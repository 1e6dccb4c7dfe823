import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was decided of items in dispute, with all that was decided of them before. */
export class FeedbackAdjudications1764000079000 implements MigrationInterface {
  name = 'FeedbackAdjudications1764000079000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- feedback_items.adjudicated is the newest of them.
      CREATE TABLE feedback_adjudications (
        item_id uuid NOT NULL REFERENCES feedback_items ON DELETE CASCADE,
        -- Counts from 1 within the item.
        number int NOT NULL,
        -- FeedbackValue.
        value jsonb NOT NULL,
        comment text,
        decided_by uuid REFERENCES users,
        decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (item_id, number)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
