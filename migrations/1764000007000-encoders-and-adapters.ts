import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows written before there were poolings, adapters and pairs say in so many words that they have none. */
export class EncodersAndAdapters1764000007000 implements MigrationInterface {
  name = 'EncodersAndAdapters1764000007000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE base_models
         SET manifest = '{"pooling": null, "truncationSide": "right", "adapter": null, "files": []}'::jsonb || manifest;
      UPDATE experiments
         SET spec = jsonb_set('{"pairColumn": null}'::jsonb || spec, '{hyperparameters}',
                              '{"truncationSide": "right", "pooling": null, "adapter": null}'::jsonb || (spec -> 'hyperparameters'));
      ALTER TABLE evaluations ADD COLUMN pair_column text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
