import type { FeedbackCloseReason } from '../protocol/feedback.js';
import { changeTaskStatus, type TaskState } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { alphaAlone } from '../statistics/agreement/krippendorff-alpha.js';
import { indexAnswers } from '../statistics/answers.js';
import { isAgreementDue } from './agreement-due.js';

/**
 * Closes a task that has reached one of its ends. Called with its lock held, after the last change of a transaction.
 * @param settled how many items this transaction settled; agreement is looked at when some were
 */
export async function closeIfEnded(query: Query, task: TaskState, settled: number): Promise<void> {
  if (task.status !== 'OPEN' && task.status !== 'PAUSED') return;
  const reason = await endOf(query, task, settled);
  if (reason !== null) await changeTaskStatus(query, task, 'CLOSED', reason);
}

async function endOf(query: Query, task: TaskState, settled: number): Promise<FeedbackCloseReason | null> {
  const { ends, itemCount, settledCount, answerCount } = task;
  if (ends.itemsSettled && settled > 0 && settledCount >= itemCount) return 'ITEMS_SETTLED';
  if (ends.answers !== null && answerCount >= ends.answers) return 'ANSWERS_REACHED';
  if (ends.agreement === null) return null;
  const { alpha, units } = ends.agreement;
  if (!isAgreementDue(settledCount - settled, settledCount, units)) return null;
  const { value, unitCount } = await agreementOf(query, task);
  return value !== null && value >= alpha && unitCount >= units ? 'AGREEMENT_REACHED' : null;
}

/** Krippendorff's alpha: of ratings with interval distances, else nominal. */
async function agreementOf(query: Query, { id, kind }: TaskState) {
  const rows = await query<{ unit: string; annotator: string; label: string }>(
    `SELECT item_id AS unit, user_id AS annotator, category AS label FROM feedback_answers
      WHERE task_id = $1 AND counts AND category IS NOT NULL ORDER BY created_at, id`,
    [id],
  );
  const isScale = kind === 'rating';
  const answers = rows.map((row) => (isScale ? { ...row, label: Number(row.label) } : row));
  return alphaAlone(indexAnswers(answers), isScale ? 'INTERVAL' : 'NOMINAL');
}
