import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireWithinFeedback } from '../projects/require-quota.js';
import { insertFeedbackItems } from '../protocol/sql/insert-feedback-items.js';
import type { Query } from '../protocol/sql/query.js';
import { type CheckedItem, checkItems } from './check-items.js';
import { drawKeys } from './draw-keys.js';
import { type AddFeedbackItemsInput, maxItemsOfCall } from './feedback-item.input.js';
import { type AddedItems, readItemBatch } from './feedback-item.reads.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from './feedback-task.reads.js';
import { isClosed, requireLocked } from './feedback-task.service.js';
import { taskKey } from './task-key.js';
import { taskLimits } from './task-limits.js';

/** Adds items to tasks. Throws ProblemsError for mistakes that the client can correct. */
export interface AddItemsService {
  add(input: AddFeedbackItemsInput): Promise<AddedItems>;
}

export function createAddItemsService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
}): AddItemsService {
  const { dataSource, query } = options;
  return {
    async add(input) {
      const id = rowId('FeedbackTask', input.taskId, ['taskId']);
      const [task] = await feedbackTasksByIds(query, [id]);
      if (task === undefined) throw gone;
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: task.projectId,
        operation: 'addFeedbackItems',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return addedBefore(query, first);
      const count = input.items.length;
      if (count < 1 || count > maxItemsOfCall) {
        const message = `A call adds 1 to ${maxItemsOfCall} items, not ${count}.`;
        throw new ProblemsError([problem(['items'], count < 1 ? 'REQUIRED' : 'TOO_LONG', message)]);
      }
      const items = await checkItems(query, task, input.items);
      let added: AddedItems | null = null;
      const batch = await inTransaction(dataSource, async (transaction) => {
        // An attempt that was rolled back has added nothing.
        added = null;
        const newId = randomUUID();
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        added = await insertItems(transaction.query, id, items);
        if (request.key !== null) {
          await transaction.query(
            `INSERT INTO feedback_item_batches (id, task_id, first_position, last_position) VALUES ($1, $2, $3, $4)`,
            [newId, id, added.firstPosition, added.lastPosition],
          );
        }
        await requireWithinFeedback(transaction.query, task.projectId, 'items', ['items']);
        return newId;
      });
      return added ?? addedBefore(query, batch);
    },
  };
}

/**
 * Inserts items behind those of the task, in the caller's transaction.
 * @throws ProblemsError CONFLICT when the task is closed, TOO_LONG when it would have too many
 */
async function insertItems(query: Query, taskId: string, items: readonly CheckedItem[]): Promise<AddedItems> {
  const task: FeedbackTaskRow = await requireLocked(query, taskId);
  if (task.status === 'CLOSED' || task.status === 'FAILED') throw isClosed;
  if (task.itemCount + task.goldCount + items.length > taskLimits.maxItems) {
    throw new ProblemsError([problem(['items'], 'TOO_LONG', `A task has at most ${taskLimits.maxItems} items.`)]);
  }
  const key = await taskKey(query, taskId);
  const placed = await insertFeedbackItems(
    query,
    taskId,
    task.overlap.atLeast,
    items.map(({ unnamed, ...item }) => ({ ...drawKeys(item, unnamed, { key, seed: task.seed }), prediction: null })),
  );
  return { taskId, ...placed };
}

async function addedBefore(query: Query, batchId: string): Promise<AddedItems> {
  const added = await readItemBatch(query, batchId);
  if (added === null) throw gone;
  return added;
}

const gone = new ProblemsError([problem(['taskId'], 'NOT_FOUND', 'There is no feedback task with this id.')]);
