import type { Finding } from '../../src/protocol/findings.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { recordedPoints } from '../../src/protocol/sql/recorded-points.js';

/** Updates at the beginning and at the end that are compared: a quarter of all, at most as many as this. */
const mostCompared = 1000;

/** With fewer updates, the means are of single losses, whose spread is not known. */
const leastSteps = 8;

/** The highest that PostgreSQL's int holds. */
const lastStep = 2 ** 31 - 1;

const pointsBetween = (from: string, to: string): string =>
  recordedPoints({ runId: '$1', key: `'train/loss'`, attempt: 'attempts.attempt', from, to });

/**
 * A finding where the training loss of a run did not fall: where the mean of its last updates is not below that of its
 * first ones by more than two standard errors of their difference. Reads at most 2,000 points of each attempt.
 */
export async function judgeLosses(query: Query, runId: string): Promise<Finding[]> {
  const [losses] = await query<{
    steps: number;
    compared: number;
    firstLoss: number;
    lastLoss: number;
    squaredError: number;
  }>(
    `WITH length AS (
       SELECT step AS steps, least(step / 4, ${mostCompared}) AS compared
       FROM run_metrics WHERE run_id = $1 AND key = 'train/loss' AND step >= ${leastSteps}
     ), attempts AS (
       SELECT DISTINCT attempt FROM metric_spans WHERE run_id = $1 AND key = 'train/loss' AND width = 512
     ), points AS (
       -- Of a step that several attempts recorded, the last one counts.
       SELECT DISTINCT ON (step) step <= compared AS is_first, value
       FROM length, attempts, LATERAL (
         ${pointsBetween('0', 'length.compared')} UNION ALL ${pointsBetween('length.steps - length.compared + 1', `${lastStep}`)}
       ) AS point
       ORDER BY step, attempt DESC
     ), parts AS (
       SELECT is_first, avg(value) AS mean, var_samp(value) / count(*) AS squared_error FROM points GROUP BY is_first
     )
     SELECT steps, compared, first.mean AS "firstLoss", last.mean AS "lastLoss",
       first.squared_error + last.squared_error AS "squaredError"
     FROM length, parts AS first, parts AS last WHERE first.is_first AND NOT last.is_first`,
    [runId],
  );
  if (losses === undefined) return [];
  const { steps, compared, firstLoss, lastLoss, squaredError } = losses;
  if (!(firstLoss - lastLoss <= 2 * Math.sqrt(squaredError))) return [];
  return [{ code: 'LOSS_NEVER_FELL', firstLoss, lastLoss, averagedSteps: compared, steps }];
}
