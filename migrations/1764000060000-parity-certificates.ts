import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was found when the files of an export were run. Null for exports of former releases, and until one is done. */
export class ParityCertificates1764000060000 implements MigrationInterface {
  name = 'ParityCertificates1764000060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE model_exports ADD COLUMN certificate jsonb');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
