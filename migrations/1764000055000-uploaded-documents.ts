import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads of one JSON document, such as a tokenizer. */
export class UploadedDocuments1764000055000 implements MigrationInterface {
  name = 'UploadedDocuments1764000055000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads DROP CONSTRAINT uploads_format_check,
        ADD CONSTRAINT uploads_format_check CHECK (format IN ('CSV', 'TSV', 'JSONL', 'CONLL', 'PARQUET', 'JSON'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
