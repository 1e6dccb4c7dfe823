import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { Query } from '../protocol/sql/query.js';
import type { EvaluationRow } from './evaluation.reads.js';

/**
 * Cancels an evaluation in the caller's transaction, at once: its job is taken from the worker that may have it, whose
 * result then counts for nothing. The job is locked first, because the worker locks in that order. Canceling again
 * changes nothing.
 * @throws ProblemsError NOT_FOUND, and CONFLICT when the evaluation has ended otherwise
 */
export async function cancelEvaluation(query: Query, id: string): Promise<void> {
  const [job] = await query<{ id: string }>('SELECT id FROM jobs WHERE evaluation_id = $1 FOR UPDATE', [id]);
  const [row] = await query<Pick<EvaluationRow, 'status'>>('SELECT status FROM evaluations WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  if (job === undefined || row === undefined) {
    throw new ProblemsError([problem(['evaluationId'], 'NOT_FOUND', 'There is no evaluation with this id.')]);
  }
  switch (row.status) {
    case 'CANCELED':
      return;
    case 'SUCCEEDED':
    case 'FAILED': {
      const message = `The evaluation has ended already: ${row.status}.`;
      throw new ProblemsError([problem(['evaluationId'], 'CONFLICT', message)]);
    }
    case 'QUEUED':
    case 'RUNNING':
      break;
    default:
      row.status satisfies never;
  }
  await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [job.id]);
  await query(`UPDATE evaluations SET status = 'CANCELED', finished_at = now() WHERE id = $1`, [id]);
  await query('SELECT pg_notify($1, $2)', [channels.jobSettled, job.id]);
}
