import type { QueryRunner } from 'typeorm';
import { inBatches } from './online.js';

/**
 * Writes what evaluations have scored already into evaluation_scores, as its trigger does for new scores; what is there
 * stays.
 * @param measures paths into the scores of a task
 */
export function keepScoresOnline(queryRunner: QueryRunner, measures: readonly string[]): Promise<void> {
  const paths = measures.map((measure) => `'${measure}'`).join(', ');
  return inBatches(queryRunner, {
    table: 'evaluations',
    row: 'e',
    pages: 200,
    statement: (within) => `
      INSERT INTO evaluation_scores (evaluation_id, measure, task, value)
      SELECT e.id, measure, scored ->> 'task', (scored #>> string_to_array(measure, '.'))::float8
        FROM evaluations e, jsonb_array_elements(e.scores) AS scored, unnest(ARRAY[${paths}]) AS measure
       WHERE ${within} AND scored #>> string_to_array(measure, '.') IS NOT NULL
      ON CONFLICT DO NOTHING`,
  });
}
