import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline } from './online.js';

/** Indexes for checking quotas without reading jobs that have ended. */
export class Quotas1764000011000 implements MigrationInterface {
  name = 'Quotas1764000011000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await createIndexOnline(
      queryRunner,
      'jobs_of_projects',
      "ON jobs (project_id, state) WHERE lane = 'training' AND state IN ('queued', 'claimed')",
    );
    await createIndexOnline(
      queryRunner,
      'uploads_of_projects',
      'ON uploads (project_id) WHERE artifact_digest IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
