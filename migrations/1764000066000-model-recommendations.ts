import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce } from './online.js';

/** Jobs put a project's models into an order for a task. */
export class ModelRecommendations1764000066000 implements MigrationInterface {
  name = 'ModelRecommendations1764000066000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'model_recommendations',
      `
      CREATE TABLE model_recommendations (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        -- RecommendJob: what was asked for, with what it would take to train each model.
        request jsonb NOT NULL,
        -- ModelRanking; null until it has succeeded.
        ranking jsonb,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- RecommendProgress.
        progress jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX model_recommendations_by_version
        ON model_recommendations (dataset_version_id, created_at DESC, id DESC);
      CREATE INDEX model_recommendations_by_project ON model_recommendations (project_id);

      ALTER TABLE jobs ADD COLUMN recommendation_id uuid REFERENCES model_recommendations ON DELETE CASCADE;
    `,
    );
    await addUniqueOnline(queryRunner, 'jobs', 'recommendation_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
