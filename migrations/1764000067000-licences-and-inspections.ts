import type { MigrationInterface, QueryRunner } from 'typeorm';
import { queryOnce, setCheckOnline } from './online.js';

/** Which licences a project takes, licences that people set, the memory of workers, and inspections of models. */
export class LicencesAndInspections1764000067000 implements MigrationInterface {
  name = 'LicencesAndInspections1764000067000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'workers.memory_bytes',
      `
      -- LicencePolicy; null: the usual one.
      ALTER TABLE projects ADD COLUMN licence_policy jsonb;

      -- What somebody set in place of the manifest's licence; null: nobody did.
      ALTER TABLE base_models ADD COLUMN licence text;

      -- What its processes may take together; null: a worker of an older release.
      ALTER TABLE workers ADD COLUMN memory_bytes bigint;

    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export', 'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend', 'inspect')`,
    });
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
