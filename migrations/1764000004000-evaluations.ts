import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Evaluations of a model on a split of a dataset version. */
export class Evaluations1764000004000 implements MigrationInterface {
  name = 'Evaluations1764000004000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE evaluations (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        base_model_id uuid NOT NULL REFERENCES base_models,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions,
        split text NOT NULL,
        text_column text NOT NULL,
        tasks jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')),
        scores jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      );
      CREATE INDEX evaluations_by_project ON evaluations (project_id, created_at DESC, id DESC);
      CREATE INDEX evaluations_by_model ON evaluations (base_model_id, created_at DESC);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
