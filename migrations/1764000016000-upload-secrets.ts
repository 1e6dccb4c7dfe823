import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A repeated createUpload returns the first upload, with a new secret of its own. */
export class UploadSecrets1764000016000 implements MigrationInterface {
  name = 'UploadSecrets1764000016000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads ADD COLUMN token_digests text[] NOT NULL DEFAULT '{}';
      UPDATE uploads SET token_digests = ARRAY[token_digest];
      ALTER TABLE uploads ALTER COLUMN token_digests DROP DEFAULT, DROP COLUMN token_digest,
        ADD CHECK (cardinality(token_digests) > 0);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
