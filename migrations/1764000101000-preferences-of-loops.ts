import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Loops score models that write on held-out pairs, too. */
export class PreferencesOfLoops1764000101000 implements MigrationInterface {
  name = 'PreferencesOfLoops1764000101000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE feedback_loops
        ADD COLUMN start_preference_evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL,
        ADD COLUMN current_preference_evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL,
        -- Settings that count from the next round on, by their names in \`settings\`; null: none do.
        ADD COLUMN next_settings jsonb;
      ALTER TABLE feedback_loop_rounds
        ADD COLUMN preference_evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL;
      CREATE INDEX feedback_loop_rounds_by_preferences ON feedback_loop_rounds (preference_evaluation_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
