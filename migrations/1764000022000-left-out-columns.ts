import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns of a version's file that can not be used; of versions from before, whose files were refused, none. */
export class LeftOutColumns1764000022000 implements MigrationInterface {
  name = 'LeftOutColumns1764000022000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE dataset_versions ADD COLUMN left_out_columns jsonb NOT NULL DEFAULT '[]'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
