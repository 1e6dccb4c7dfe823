import type { FeedbackCloseReason } from '../protocol/feedback.js';
import { changeTaskStatus, type TaskState } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { krippendorffAlpha } from '../statistics/agreement/krippendorff-alpha.js';
import { indexAnswers } from '../statistics/answers.js';

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
  if (ends.agreement === null || settled === 0 || !isDue(settledCount, settled, ends.agreement.units)) return null;
  const { value, unitCount } = await agreementOf(query, task);
  const { alpha, units } = ends.agreement;
  return value !== null && value >= alpha && unitCount >= units ? 'AGREEMENT_REACHED' : null;
}

/**
 * Whether agreement is to be computed: it takes all answers, so it is looked at whenever a twentieth more of the items
 * is settled, from the first moment on at which there can be enough.
 */
function isDue(settledCount: number, settled: number, units: number): boolean {
  if (settledCount < units) return false;
  if (settledCount - settled < units) return true;
  const step = Math.max(1, Math.floor(settledCount / 20));
  return Math.floor(settledCount / step) !== Math.floor((settledCount - settled) / step);
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
  return krippendorffAlpha(indexAnswers(answers), isScale ? 'INTERVAL' : 'NOMINAL', { rounds: 100, seed: 0 });
}
