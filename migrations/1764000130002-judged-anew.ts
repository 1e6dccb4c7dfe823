import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Items of a task that got another overlap are judged in several transactions: how far that is. */
export class JudgedAnew1764000130002 implements MigrationInterface {
  name = 'JudgedAnew1764000130002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Items up to this position are judged by the task's present overlap; null: all are.
      ALTER TABLE feedback_tasks ADD COLUMN judged_to bigint;
      CREATE INDEX feedback_tasks_judged_anew ON feedback_tasks (id) WHERE judged_to IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
