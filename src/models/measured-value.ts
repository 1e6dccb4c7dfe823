import { registerEnumType } from 'type-graphql';
import { type Sql, sourceText, sql } from '../database/sql.js';
import { badArgument } from '../graphql/filter-values.js';
import { defineMetric } from '../protocol/metric-definition.js';
import { recordedPoints } from '../protocol/sql/recorded-points.js';

/** Which of a metric's values in a run counts. */
export const MeasuredValueEnum = { NEWEST: 'NEWEST', BEST: 'BEST' } as const;
export type MeasuredValue = keyof typeof MeasuredValueEnum;

registerEnumType(MeasuredValueEnum, {
  name: 'MeasuredValue',
  description:
    "Which of a metric's values in a run counts: the same two that `Experiment.summary` and comparisons show.",
  valuesConfig: {
    NEWEST: { description: 'The value at the highest step of the highest attempt that recorded the metric.' },
    BEST: {
      description:
        "The best finite value by the metric's direction, without values of a step that a later attempt recorded anew. Refused for a metric without a direction.",
    },
  },
});

/** Of the span `s`. */
const pointsOfSpan = sourceText(
  recordedPoints({ runId: 's.run_id', key: 's.key', attempt: 's.attempt', from: 's.first_step', to: 's.last_step' }),
);

/**
 * A metric's value in a run; NULL where the run recorded none. Throws a GraphQL error BAD_USER_INPUT.
 *
 * The best value is found in the summaries of spans of steps. The points of a span are read only where a later attempt
 * recorded some of its steps, and so superseded their values.
 * @param runId the column with the run's id
 */
export function measuredValue(runId: string, key: string, of: MeasuredValue, field: string): Sql {
  const run = sourceText(runId);
  if (of === 'NEWEST') return sql`(SELECT x.value FROM run_metrics x WHERE x.run_id = ${run} AND x.key = ${key})`;
  const { direction } = defineMetric(key);
  if (direction === 'NEITHER') throw badArgument(`\`${field}\`: “${key}” has no best value; use NEWEST.`);
  const [best, extreme] = direction === 'HIGHER_IS_BETTER' ? ['max', 'greatest'] : ['min', 'least'];
  return sql`(
    SELECT ${sourceText(best!)}(CASE
      WHEN NOT EXISTS (
        SELECT FROM metric_spans n
        WHERE n.run_id = s.run_id AND n.key = s.key AND n.width = s.width AND n.span = s.span AND n.attempt > s.attempt
      ) THEN s.${sourceText(extreme!)}[1]
      ELSE (
        SELECT ${sourceText(best!)}(p.value) FROM (${pointsOfSpan}) AS p
        WHERE p.value - p.value = 0
          AND NOT EXISTS (
            SELECT FROM metric_spans n
            WHERE n.run_id = s.run_id AND n.key = s.key AND n.width = s.width AND n.span = s.span AND n.attempt > s.attempt
              AND get_bit(n.steps, p.step % n.width) = 1
          )
      ) END)
    FROM metric_spans s WHERE s.run_id = ${run} AND s.key = ${key} AND s.width = 512)`;
}
