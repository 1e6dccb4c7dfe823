import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import { changeTaskStatus } from '../../protocol/sql/feedback-log.js';
import type { Query } from '../../protocol/sql/query.js';
import { feedbackTasksByIds, lockFeedbackTask } from '../feedback-task.reads.js';
import { answersToCompare } from './feedback-results.reads.js';
import { resultLimits } from './result-limits.js';
import { giveRows } from './row-blocks.js';
import { usualLevel } from './statistics/agreement.js';
import type { StatisticsThreads } from './statistics-threads.js';

/** Closes tasks in which people agree. */
export interface EndByAgreement {
  /**
   * Computes the alpha that `FeedbackTask.agreement` shows, and closes the task if it is what the task ends with. No
   * connection is held meanwhile. Called after the transaction that settled items; if another call looks at the task at
   * this moment, it does nothing. It never throws: the answer that led to it is stored.
   */
  look(taskId: string): Promise<void>;
}

export function createEndByAgreement(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  /** Of its own: whoever answers does not wait for those who read results. */
  readonly threads: StatisticsThreads;
  readonly onFailed: (error: unknown) => void;
}): EndByAgreement {
  const { dataSource, query, threads, onFailed } = options;
  const looking = new Set<string>();

  async function lookNow(taskId: string): Promise<void> {
    const [task] = await feedbackTasksByIds(query, [taskId]);
    const asked = task?.ends.agreement;
    if (task === undefined || asked == null || task.answerCount > resultLimits.maxAnswers) return;
    const { question } = task;
    const { alpha } = await threads.compute(
      'agreement',
      // The interval is not looked at.
      { question, level: usualLevel(question), weights: 'NONE', options: { rounds: resultLimits.minRounds, seed: 0 } },
      (give) => giveRows(dataSource, answersToCompare(taskId), (rows) => give('answers', rows)),
    );
    const isReached = alpha.value !== null && alpha.value >= asked.alpha && alpha.units >= asked.units;
    await inTransaction(dataSource, async (transaction) => {
      const now = await lockFeedbackTask(transaction.query, taskId);
      // Other ends may be asked for meanwhile.
      if (now === null || now.ends.agreement?.alpha !== asked.alpha || now.ends.agreement.units !== asked.units) return;
      if (isReached) await changeTaskStatus(transaction.query, now, 'CLOSED', 'AGREEMENT_REACHED');
      else {
        await transaction.query('UPDATE feedback_tasks SET agreement_settled = $2 WHERE id = $1', [
          taskId,
          task.settledCount,
        ]);
      }
    });
  }

  return {
    async look(taskId) {
      if (looking.has(taskId)) return;
      looking.add(taskId);
      await lookNow(taskId)
        .catch(onFailed)
        .finally(() => looking.delete(taskId));
    },
  };
}
