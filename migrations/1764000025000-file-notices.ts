import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the owner of a version's file should know, though the file was read. */
export class FileNotices1764000025000 implements MigrationInterface {
  name = 'FileNotices1764000025000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("ALTER TABLE dataset_versions ADD COLUMN notices jsonb NOT NULL DEFAULT '[]'");
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
