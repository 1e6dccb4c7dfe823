import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who said how long an upload's file is: what a part said is forgotten when the upload begins again. */
export class LengthSaidByParts1764000047000 implements MigrationInterface {
  name = 'LengthSaidByParts1764000047000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads
        -- Whether expected_bytes is what a part said, and not createUpload.
        ADD COLUMN expected_by_part boolean NOT NULL DEFAULT false;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE uploads DROP COLUMN expected_by_part');
  }
}
