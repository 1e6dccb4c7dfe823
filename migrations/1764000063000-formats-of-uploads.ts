import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads of Excel workbooks, and uploads whose format is found. */
export class FormatsOfUploads1764000063000 implements MigrationInterface {
  name = 'FormatsOfUploads1764000063000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads DROP CONSTRAINT uploads_format_check,
        ADD CONSTRAINT uploads_format_check
          CHECK (format IN ('CSV', 'TSV', 'JSONL', 'CONLL', 'PARQUET', 'JSON', 'EXCEL', 'AUTO'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
