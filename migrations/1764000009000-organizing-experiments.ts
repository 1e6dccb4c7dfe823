import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes, tags and the archive of experiments, and quotas of projects. */
export class OrganizingExperiments1764000009000 implements MigrationInterface {
  name = 'OrganizingExperiments1764000009000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE experiments
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
        ADD COLUMN notes text NOT NULL DEFAULT '',
        ADD COLUMN archived_at timestamptz,
        -- The experiment whose configuration it began as.
        ADD COLUMN cloned_from_id uuid REFERENCES experiments,
        -- Of its job in the queue; the higher the sooner.
        ADD COLUMN priority int NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100);
      CREATE INDEX experiments_by_tag ON experiments USING gin (tags);

      -- Null: no limit.
      ALTER TABLE projects
        ADD COLUMN max_storage_bytes bigint CHECK (max_storage_bytes >= 0),
        ADD COLUMN max_queued_experiments int CHECK (max_queued_experiments >= 0),
        ADD COLUMN max_running_experiments int CHECK (max_running_experiments >= 0);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
