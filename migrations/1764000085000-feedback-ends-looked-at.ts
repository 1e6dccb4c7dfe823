import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a task's agreement was last computed: a computation that was interrupted is followed by another. */
export class FeedbackEndsLookedAt1764000085000 implements MigrationInterface {
  name = 'FeedbackEndsLookedAt1764000085000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- How many items were settled when agreement was last computed for the end of the task.
      ALTER TABLE feedback_tasks ADD COLUMN agreement_settled bigint NOT NULL DEFAULT 0;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
