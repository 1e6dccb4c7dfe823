import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far an evaluation has come, as EvaluationProgress in src/protocol/job.ts. */
export class EvaluationProgress1764000036000 implements MigrationInterface {
  name = 'EvaluationProgress1764000036000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE evaluations ADD COLUMN progress jsonb');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
