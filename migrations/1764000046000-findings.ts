import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a person should know of experiments, runs and evaluations (Finding in src/protocol/findings.ts), and the scores
 * that experiments have without learning anything (Baseline in src/protocol/baselines.ts). Older rows have none.
 */
export class Findings1764000046000 implements MigrationInterface {
  name = 'Findings1764000046000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE experiments
        ADD COLUMN baselines jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';
      ALTER TABLE runs ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';
      ALTER TABLE evaluations ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
