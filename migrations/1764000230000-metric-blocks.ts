import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Points that come many at a time are kept in blocks (ADR 0063). No row is rewritten, so that no lock is held long. */
export class MetricBlocks1764000230000 implements MigrationInterface {
  name = 'MetricBlocks1764000230000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Points of one metric that one write brought: each within the 64 steps from a multiple of 64 that first_step lies in.
      -- With 64 points a row has 1.5 kB, which PostgreSQL keeps in the table's own pages, as they are.
      CREATE TABLE metric_blocks (
        run_id uuid NOT NULL,
        key text NOT NULL,
        attempt int NOT NULL,
        first_step int NOT NULL,
        at timestamptz NOT NULL,
        -- Ascending; epochs and values are those of the same steps.
        steps int[] NOT NULL,
        epochs double precision[] NOT NULL,
        -- NaN and the infinities are there as they are.
        values double precision[] NOT NULL,
        PRIMARY KEY (run_id, key, attempt, first_step)
      );

      -- Every point, whichever way it is kept.
      CREATE VIEW recorded_points AS
        SELECT run_id, key, attempt, step, epoch, value, at FROM metric_points
        UNION ALL
        SELECT block.run_id, block.key, block.attempt, point.step, point.epoch, point.value, block.at
          FROM metric_blocks AS block, unnest(block.steps, block.epochs, block.values) AS point (step, epoch, value);

      -- Whoever writes or deletes these rows holds the lock of the run's row; checking each of them again took more
      -- time than writing it.
      ALTER TABLE run_events DROP CONSTRAINT run_events_run_id_fkey;
      ALTER TABLE metric_points DROP CONSTRAINT metric_points_run_id_fkey;
      ALTER TABLE metric_spans DROP CONSTRAINT metric_spans_run_id_fkey;
      ALTER TABLE run_metrics DROP CONSTRAINT run_metrics_run_id_fkey;

      -- Rows that each write changes: room on their pages for the next version, and a vacuum before a tenth is dead.
      ALTER TABLE runs SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
      ALTER TABLE run_metrics SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
      ALTER TABLE metric_spans SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
