import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce, setCheckOnline } from './online.js';

/** Notes, tags and the archive of experiments, and quotas of projects. */
export class OrganizingExperiments1764000009000 implements MigrationInterface {
  name = 'OrganizingExperiments1764000009000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'experiments.priority',
      `
      ALTER TABLE experiments
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
        ADD COLUMN notes text NOT NULL DEFAULT '',
        ADD COLUMN archived_at timestamptz,
        -- The experiment whose configuration it began as.
        ADD COLUMN cloned_from_id uuid REFERENCES experiments,
        -- Of its job in the queue; the higher the sooner.
        ADD COLUMN priority int NOT NULL DEFAULT 0;

      -- Null: no limit.
      ALTER TABLE projects
        ADD COLUMN max_storage_bytes bigint CHECK (max_storage_bytes >= 0),
        ADD COLUMN max_queued_experiments int CHECK (max_queued_experiments >= 0),
        ADD COLUMN max_running_experiments int CHECK (max_running_experiments >= 0);
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'experiments',
      column: 'priority',
      condition: 'priority BETWEEN -100 AND 100',
    });
    await createIndexOnline(queryRunner, 'experiments_by_tag', 'ON experiments USING gin (tags)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
