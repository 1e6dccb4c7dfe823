import type { MigrationInterface, QueryRunner } from 'typeorm';

/** CoNLL files, and the options that a version's file was read with; null where they are the usual ones. */
export class FileOptions1764000018000 implements MigrationInterface {
  name = 'FileOptions1764000018000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads DROP CONSTRAINT uploads_format_check,
        ADD CONSTRAINT uploads_format_check CHECK (format IN ('CSV', 'TSV', 'JSONL', 'CONLL', 'PARQUET'));
      ALTER TABLE dataset_versions ADD COLUMN file_options jsonb;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
