import type { MigrationInterface, QueryRunner } from 'typeorm';

/** CoNLL files, and how the file of a version was read beyond its format: null for what is usual. */
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
