import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which API key got each of an upload's secrets: with the key the secret ends. */
export class KeysOfUploads1764000048000 implements MigrationInterface {
  name = 'KeysOfUploads1764000048000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads
        -- For each of token_digests, the API key that it was given to; NULL: it was given to no key.
        ADD COLUMN token_api_keys uuid[] NOT NULL DEFAULT '{}';
      UPDATE uploads SET token_api_keys = array_fill(NULL::uuid, ARRAY[cardinality(token_digests)]);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE uploads DROP COLUMN token_api_keys');
  }
}
