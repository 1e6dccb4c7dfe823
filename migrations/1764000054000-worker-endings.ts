import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How workers ended, which jobs that they were lost with tell. */
export class WorkerEndings1764000054000 implements MigrationInterface {
  name = 'WorkerEndings1764000054000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE workers ADD COLUMN ending jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE workers DROP COLUMN ending');
  }
}
