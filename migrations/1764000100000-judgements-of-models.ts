import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A reward model may judge pairs of a feedback task in place of people. */
export class JudgementsOfModels1764000100000 implements MigrationInterface {
  name = 'JudgementsOfModels1764000100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- ModelJudgement: what a reward model said of the item, so that nobody is asked about it.
      ALTER TABLE feedback_items ADD COLUMN model_judgement jsonb;
      -- Pairs of the round that a reward model judged; null: it judges none, or has not yet.
      ALTER TABLE feedback_loop_rounds ADD COLUMN model_judged_count int;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
