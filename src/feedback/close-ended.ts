import type { FeedbackCloseReason } from '../protocol/feedback.js';
import { changeTaskStatus, type TaskState } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { isAgreementDue } from './agreement-due.js';

/**
 * Closes a task that has reached an end that its numbers tell of. Called with its lock held, after the last change of a
 * transaction.
 * @param settled how many items this transaction settled
 * @returns whether the task's agreement is to be looked at once the transaction is committed: it takes all answers
 */
export async function closeIfEnded(query: Query, task: TaskState, settled: number): Promise<boolean> {
  if (task.status !== 'OPEN' && task.status !== 'PAUSED') return false;
  const reason = endOf(task, settled);
  if (reason !== null) {
    await changeTaskStatus(query, task, 'CLOSED', reason);
    return false;
  }
  const { agreement } = task.ends;
  return agreement !== null && isAgreementDue(task.agreementSettled, task.settledCount, agreement.units);
}

function endOf(
  { ends, itemCount, settledCount, answerCount, isJudgedAnew }: TaskState,
  settled: number,
): FeedbackCloseReason | null {
  // While items are judged by another overlap, some count as settled that need more answers.
  if (ends.itemsSettled && settled > 0 && settledCount >= itemCount && !isJudgedAnew) return 'ITEMS_SETTLED';
  return ends.answers !== null && answerCount >= ends.answers ? 'ANSWERS_REACHED' : null;
}
