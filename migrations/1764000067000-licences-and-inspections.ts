import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which licences a project takes, licences that people set, the memory of workers, and inspections of models. */
export class LicencesAndInspections1764000067000 implements MigrationInterface {
  name = 'LicencesAndInspections1764000067000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- LicencePolicy; null: the usual one.
      ALTER TABLE projects ADD COLUMN licence_policy jsonb;

      -- What somebody set in place of the manifest's licence; null: nobody did.
      ALTER TABLE base_models ADD COLUMN licence text;

      -- What its processes may take together; null: a worker of an older release.
      ALTER TABLE workers ADD COLUMN memory_bytes bigint;

      ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check,
        ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export',
          'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend', 'inspect'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
