import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce } from './online.js';

/** Tags and notes of datasets and models, as experiments have them. */
export class TagsAndNotes1764000030000 implements MigrationInterface {
  name = 'TagsAndNotes1764000030000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'base_models.notes',
      `
      ALTER TABLE datasets
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
        ADD COLUMN notes text NOT NULL DEFAULT '';
      CREATE INDEX datasets_by_tag ON datasets USING gin (tags);

      ALTER TABLE base_models
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
        ADD COLUMN notes text NOT NULL DEFAULT '';
    `,
    );
    await createIndexOnline(queryRunner, 'base_models_by_tag', 'ON base_models USING gin (tags)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
