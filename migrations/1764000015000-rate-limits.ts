import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Points that credentials have spent of their rate limits. Columns and their order are those that rate-limiter-flexible
 * writes.
 */
export class RateLimits1764000015000 implements MigrationInterface {
  name = 'RateLimits1764000015000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Unlogged: after a crash of the database server everybody begins a minute anew, and no request waits for a disk.
      CREATE UNLOGGED TABLE rate_limits (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL,
        -- Milliseconds since 1970.
        expire bigint
      )
      -- Room for new versions of a row beside the old ones: no index is touched by an update.
      WITH (fillfactor = 50);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
