import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce } from './online.js';

/** Jobs report on dataset versions, and compare them. */
export class DatasetReports1764000062000 implements MigrationInterface {
  name = 'DatasetReports1764000062000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'dataset_reports',
      `
      CREATE TABLE dataset_reports (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        -- The older version that it is compared with; null: a report on the one version.
        compared_with_id uuid REFERENCES dataset_versions ON DELETE CASCADE,
        -- ReportJob: what was asked for.
        request jsonb NOT NULL,
        -- ReportedFacts; null until it has succeeded.
        facts jsonb,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- ReportProgress.
        progress jsonb,
        problem jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX dataset_reports_by_version ON dataset_reports (dataset_version_id, created_at DESC, id DESC);
      CREATE INDEX dataset_reports_by_compared ON dataset_reports (compared_with_id) WHERE compared_with_id IS NOT NULL;
      CREATE INDEX dataset_reports_by_project ON dataset_reports (project_id);

      ALTER TABLE jobs ADD COLUMN dataset_report_id uuid REFERENCES dataset_reports ON DELETE CASCADE;
    `,
    );
    await addUniqueOnline(queryRunner, 'jobs', 'dataset_report_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
