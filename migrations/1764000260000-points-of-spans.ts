import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A summary has the points that a chart shows of it, so that none is looked up on its own (ADR 0069). Rows of before
 * have none, and are read as before.
 */
export class PointsOfSpans1764000260000 implements MigrationInterface {
  name = 'PointsOfSpans1764000260000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE metric_spans
        -- Step, value, epoch and moment, in bytes that sort as the points do: of two the least, or the greatest, is the
        -- one of both spans (src/protocol/point-bytes.ts). first_point is null: so are all, in a row from before.
        ADD COLUMN first_point bytea,
        ADD COLUMN last_point bytea,
        -- Null where no value is finite.
        ADD COLUMN least_point bytea,
        ADD COLUMN greatest_point bytea,
        -- Null where every value is finite.
        ADD COLUMN non_finite_point bytea`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
