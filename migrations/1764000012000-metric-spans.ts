import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Summaries of metric points, so that a long series can be drawn without reading all of it (ADR 0016). */
export class MetricSpans1764000012000 implements MigrationInterface {
  name = 'MetricSpans1764000012000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
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

      INSERT INTO metric_spans
      SELECT run_id, key, width, step / width, attempt, bit_or(set_bit(no_steps, step % width, 1)), min(step), max(step),
        min(ARRAY[value, step, attempt]) FILTER (WHERE value - value = 0),
        max(ARRAY[value, -step, attempt]) FILTER (WHERE value - value = 0),
        min(step) FILTER (WHERE value - value <> 0), max(seq)
      FROM metric_points, (VALUES (64, 0::bit(64)::varbit), (512, 0::bit(512)::varbit)) AS widths (width, no_steps)
      GROUP BY run_id, key, width, step / width, attempt;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
