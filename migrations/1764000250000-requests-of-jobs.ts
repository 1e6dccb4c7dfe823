import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs and entries of the audit log know the request that they come from (ADR 0067). */
export class RequestsOfJobs1764000250000 implements MigrationInterface {
  name = 'RequestsOfJobs1764000250000';

  // Each table is locked for its own moment alone.
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE jobs
        -- The id of the request that queued the job; null: no request did, or a version before this one.
        ADD COLUMN IF NOT EXISTS request_id text,
        -- Where the job belongs in a trace, as W3C's header says it; null: the API that queued it follows no traces.
        ADD COLUMN IF NOT EXISTS traceparent text`);
    // The id of the request that did it.
    await queryRunner.query('ALTER TABLE audit_log ADD COLUMN IF NOT EXISTS request_id text');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
