import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows older than poolings, adapters and pairs get explicit values that say they have none. */
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
