import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a person flagged an item, which has a limit. */
export class FlagsOfClaims1764000094000 implements MigrationInterface {
  name = 'FlagsOfClaims1764000094000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE feedback_claims
        -- Each time with another reason; those from before this column are not counted.
        ADD COLUMN flag_count int NOT NULL DEFAULT 0;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
