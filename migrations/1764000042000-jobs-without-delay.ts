import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A queued job can be claimed at once: nothing ever delayed one, and after the database's clock was set back, jobs that
 * were queued before waited for their time to come again.
 */
export class JobsWithoutDelay1764000042000 implements MigrationInterface {
  name = 'JobsWithoutDelay1764000042000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE jobs DROP COLUMN available_at');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
