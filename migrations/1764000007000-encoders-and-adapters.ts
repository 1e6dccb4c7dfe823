import type { MigrationInterface, QueryRunner } from 'typeorm';
import { updateInBatches } from './online.js';

/** Rows older than poolings, adapters and pairs get explicit values that say they have none. */
export class EncodersAndAdapters1764000007000 implements MigrationInterface {
  name = 'EncodersAndAdapters1764000007000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS pair_column text');
    await updateInBatches(queryRunner, {
      table: 'base_models',
      row: 'base_models',
      pages: 100,
      update: `UPDATE base_models
                  SET manifest = '{"pooling": null, "truncationSide": "right", "adapter": null, "files": []}'::jsonb || manifest
                WHERE NOT manifest ?& '{pooling,truncationSide,adapter,files}'`,
    });
    await updateInBatches(queryRunner, {
      table: 'experiments',
      row: 'experiments',
      pages: 100,
      update: `UPDATE experiments
                  SET spec = jsonb_set('{"pairColumn": null}'::jsonb || spec, '{hyperparameters}',
                                       '{"truncationSide": "right", "pooling": null, "adapter": null}'::jsonb || (spec -> 'hyperparameters'))
                WHERE NOT (spec ? 'pairColumn' AND spec -> 'hyperparameters' ?& '{truncationSide,pooling,adapter}')`,
    });
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
