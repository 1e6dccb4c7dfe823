import { terminalRunStatuses } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';

const atWork = `('QUEUED', 'RUNNING')`;
const over = `('CLOSED', 'FAILED')`;

/** A reward model judges pairs of a task before it is opened for people. */
const isToBeJudged = `(t.status = 'PAUSED' AND r.model_judged_count IS NULL
  AND l.settings #>> '{ask,judge,modelId}' IS NOT NULL)`;

/** Evaluations of a step are made one after the other. */
const isMeasuring = (ids: readonly string[]): string =>
  `EXISTS (SELECT FROM evaluations v WHERE v.id IN (${ids.join(', ')}) AND v.status IN ${atWork})`;
const ofLoop = ['start', 'current'].flatMap((which) => [
  `l.${which}_evaluation_id`,
  `l.${which}_preference_evaluation_id`,
]);

/** A reward model judges a task that is not opened for people. */
const isJudged = (task: string): string =>
  `(${task}.status IN ${over} OR (${task}.status = 'PAUSED' AND l.settings #>> '{judging,rewardModelId}' IS NOT NULL))`;

/**
 * The next running loop whose step can be taken, for this process alone for so many seconds; null: none can. What waits
 * for people, or for a worker, is not due before these have done their part: it holds nothing meanwhile.
 * @param except those whose steps this process is taking
 */
export async function claimDueLoop(
  query: Query,
  leaseSeconds: number,
  except: readonly string[],
): Promise<string | null> {
  const [claimed] = await query<{ id: string }>(
    `WITH claimed AS (
      UPDATE feedback_loops SET busy_until = clock_timestamp() + make_interval(secs => $1)
      WHERE id = (
        SELECT l.id
          FROM feedback_loops l
          JOIN feedback_loop_rounds r ON r.loop_id = l.id AND r.number = l.round
          LEFT JOIN feedback_tasks t ON t.id = r.task_id
          LEFT JOIN preparations p ON p.id = r.preparation_id
          LEFT JOIN runs x ON x.experiment_id = r.experiment_id
          LEFT JOIN feedback_tasks j ON j.id = r.judging_task_id
          LEFT JOIN feedback_tasks s ON s.id = r.start_judging_task_id
         WHERE l.status = 'RUNNING' AND l.id <> ALL($3::uuid[])
           AND (l.busy_until IS NULL OR l.busy_until < clock_timestamp())
           AND CASE r.step
                 WHEN 'MEASURING' THEN NOT ${isMeasuring(ofLoop)}
                 WHEN 'ASKING' THEN t.id IS NULL OR t.status IN ${over} OR ${isToBeJudged}
                 WHEN 'PREPARING' THEN p.id IS NULL OR p.status NOT IN ${atWork}
                 WHEN 'TRAINING' THEN x.id IS NULL OR x.status = ANY($2)
                 WHEN 'EVALUATING' THEN NOT ${isMeasuring(['r.evaluation_id', 'r.preference_evaluation_id'])}
                 WHEN 'JUDGING' THEN l.current_model_id IS NULL OR j.id IS NULL
                   OR (s.id IS NULL AND l.start_model_id <> l.current_model_id)
                   OR j.status = 'FAILED' OR s.status = 'FAILED'
                   OR (${isJudged('j')} AND (s.id IS NULL OR ${isJudged('s')}))
                 ELSE true
               END
         ORDER BY l.busy_until NULLS FIRST, l.id LIMIT 1 FOR NO KEY UPDATE OF l SKIP LOCKED)
      RETURNING id
     ) SELECT id FROM claimed`,
    [leaseSeconds, terminalRunStatuses, except],
  );
  return claimed?.id ?? null;
}

/** Keeps loops for this process for so many seconds more. */
export async function keepLoops(query: Query, leaseSeconds: number, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await query(
    'UPDATE feedback_loops SET busy_until = clock_timestamp() + make_interval(secs => $1) WHERE id = ANY($2::uuid[])',
    [leaseSeconds, ids],
  );
}

/** Lets a loop be claimed again, at once or after so many seconds. */
export async function releaseLoop(query: Query, id: string, waitSeconds: number): Promise<void> {
  await query(
    `UPDATE feedback_loops SET busy_until = CASE WHEN $2 > 0 THEN clock_timestamp() + make_interval(secs => $2) END
      WHERE id = $1`,
    [id, waitSeconds],
  );
}
