import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce } from './online.js';

/** Preference optimization compares with another model too: that model is used by the experiment. */
export class ReferenceModels1764000089000 implements MigrationInterface {
  name = 'ReferenceModels1764000089000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const [view] = (await queryRunner.query("SELECT pg_get_viewdef('object_uses'::regclass) AS definition")) as [
      { readonly definition: string },
    ];
    await queryOnce(
      queryRunner,
      'experiments.reference_model_id',
      `
      ALTER TABLE experiments ADD COLUMN reference_model_id uuid REFERENCES base_models;

      CREATE OR REPLACE VIEW object_uses AS
        ${view.definition.trim().replace(/;$/, '')}
        UNION ALL
        SELECT e.reference_model_id, 'Experiment', e.id, e.name, e.created_at, e.base_model_id
          FROM experiments e WHERE e.reference_model_id <> e.base_model_id;
    `,
    );
    await createIndexOnline(
      queryRunner,
      'experiments_by_reference',
      'ON experiments (reference_model_id) WHERE reference_model_id IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
