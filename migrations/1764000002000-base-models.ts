import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The registry of base models, which also holds the models that experiments produce. */
export class BaseModels1764000002000 implements MigrationInterface {
  name = 'BaseModels1764000002000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE base_models (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL,
        -- Digest of the model manifest.
        digest text NOT NULL REFERENCES artifacts,
        manifest jsonb NOT NULL,
        source text NOT NULL,
        produced_by_run_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (project_id, name)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
