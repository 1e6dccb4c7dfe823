import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inBatches, queryOnce } from './online.js';

/** Summaries of metric points, so that a long series can be drawn without reading all of it (ADR 0016). */
export class MetricSpans1764000012000 implements MigrationInterface {
  name = 'MetricSpans1764000012000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'metric_spans',
      `
      -- What one attempt recorded of a metric within 64 or 512 steps: span s of width w holds the steps from w s to w s + w - 1.
      CREATE TABLE metric_spans (
        run_id uuid NOT NULL REFERENCES runs,
        key text NOT NULL,
        width int NOT NULL CHECK (width IN (64, 512)),
        span int NOT NULL,
        attempt int NOT NULL,
        -- Bit i is set when step (width · span + i) was recorded: says exactly what a later attempt superseded.
        steps bit varying(512) NOT NULL,
        first_step int NOT NULL,
        last_step int NOT NULL,
        -- (value, step, attempt) of the least finite value; null when none is finite. Arrays compare element by element.
        least double precision[],
        -- (value, -step, attempt) of the greatest: of equal values the earlier one counts as the greater.
        greatest double precision[],
        -- The first step whose value is not finite.
        non_finite_step int,
        last_seq bigint NOT NULL,
        PRIMARY KEY (run_id, key, width, span, attempt)
      ) WITH (fillfactor = 90);
    `,
    );
    // Points of one span may be in several batches: what two parts of it say together is the same in any order.
    await inBatches(queryRunner, {
      table: 'metric_points',
      row: 'p',
      pages: 200,
      statement: (within) => `
        INSERT INTO metric_spans AS s
        SELECT run_id, key, width, step / width, attempt, bit_or(set_bit(no_steps, step % width, 1)), min(step), max(step),
          min(ARRAY[value, step, attempt]) FILTER (WHERE value - value = 0),
          max(ARRAY[value, -step, attempt]) FILTER (WHERE value - value = 0),
          min(step) FILTER (WHERE value - value <> 0), max(seq)
        FROM metric_points p, (VALUES (64, 0::bit(64)::varbit), (512, 0::bit(512)::varbit)) AS widths (width, no_steps)
        WHERE ${within}
        GROUP BY run_id, key, width, step / width, attempt
        ON CONFLICT (run_id, key, width, span, attempt) DO UPDATE SET
          steps = s.steps | excluded.steps,
          first_step = least(s.first_step, excluded.first_step),
          last_step = greatest(s.last_step, excluded.last_step),
          least = least(s.least, excluded.least),
          greatest = greatest(s.greatest, excluded.greatest),
          non_finite_step = least(s.non_finite_step, excluded.non_finite_step),
          last_seq = greatest(s.last_seq, excluded.last_seq)`,
    });
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
