import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { judgeNextItems } from './rejudge-items.js';
import type { EndByAgreement } from './results/end-by-agreement.js';

/** Judges the items of tasks that got another overlap, some in each transaction, so that answers go on meanwhile. */
export interface Rejudging {
  /**
   * Goes on with a task until all its items are judged, for at most so many transactions.
   * @returns whether they are
   */
  judge(taskId: string, transactions: number): Promise<boolean>;
}

export function createRejudging(options: {
  readonly dataSource: DataSource;
  readonly agreementEnds: EndByAgreement;
}): Rejudging {
  const { dataSource, agreementEnds } = options;
  return {
    async judge(taskId, transactions) {
      for (let i = 0; i < transactions; i++) {
        const { isDone, isDue } = await inTransaction(dataSource, ({ query }) => judgeNextItems(query, taskId));
        if (isDue) await agreementEnds.look(taskId);
        if (isDone) return true;
      }
      return false;
    },
  };
}

/** Transactions of one task before others have their turn. */
const transactionsATurn = 20;

/**
 * Goes on with tasks whose items are not all judged, whoever gave them another overlap and did not come to the end: any
 * number of processes may do so at once.
 * @returns ends it after the transaction under way
 */
export function startRejudging(options: {
  readonly rejudging: Rejudging;
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
}): () => Promise<void> {
  const { rejudging, query, pollIntervalMs, log } = options;
  const closing = new AbortController();
  const turn = async (): Promise<boolean> => {
    const tasks = await query<{ id: string }>('SELECT id FROM feedback_tasks WHERE judged_to IS NOT NULL ORDER BY id');
    let failed = 0;
    for (const { id } of tasks) {
      try {
        for (let i = 0; i < transactionsATurn && !closing.signal.aborted; i++) {
          if (await rejudging.judge(id, 1)) break;
        }
      } catch (error) {
        // Others have their turn all the same.
        failed++;
        log(`Items of the feedback task ${id} could not be judged by another overlap: ${messageOf(error)}`);
      }
    }
    // Where none could be judged, they are tried again after a pause.
    return tasks.length > failed;
  };
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const wasBusy = await turn().catch((error: unknown) => {
        log(`Feedback tasks that got another overlap could not be read: ${messageOf(error)}`);
        return false;
      });
      if (!wasBusy)
        await wait(pollIntervalMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    closing.abort();
    await running;
  };
}
