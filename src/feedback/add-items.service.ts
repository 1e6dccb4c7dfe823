import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { type CheckedItem, checkItems } from './check-items.js';
import { type AddFeedbackItemsInput, maxItemsOfCall } from './feedback-item.input.js';
import { type AddedItems, readItemBatch } from './feedback-item.reads.js';
import { appendFeedbackEvents } from './feedback-log.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from './feedback-task.reads.js';
import { isClosed, requireLocked } from './feedback-task.service.js';
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
export async function insertItems(query: Query, taskId: string, items: readonly CheckedItem[]): Promise<AddedItems> {
  const task: FeedbackTaskRow = await requireLocked(query, taskId);
  if (task.status === 'CLOSED' || task.status === 'FAILED') throw isClosed;
  if (task.itemCount + task.goldCount + items.length > taskLimits.maxItems) {
    throw new ProblemsError([problem(['items'], 'TOO_LONG', `A task has at most ${taskLimits.maxItems} items.`)]);
  }
  const [placed] = await query<{ lastPosition: number }>(
    `UPDATE feedback_tasks SET last_position = last_position + $2 WHERE id = $1
     RETURNING last_position::float8 AS "lastPosition"`,
    [taskId, items.length],
  );
  const { lastPosition } = placed!;
  const firstPosition = lastPosition - items.length + 1;
  await query(
    `INSERT INTO feedback_items (task_id, position, content, group_key, gold, priority, wanted)
     SELECT $1, $2::bigint + ordinal - 1, content::jsonb, group_key, gold::jsonb, priority, $3
       FROM unnest($4::text[], $5::text[], $6::text[], $7::float8[])
              WITH ORDINALITY AS new (content, group_key, gold, priority, ordinal)`,
    [
      taskId,
      firstPosition,
      task.overlap.atLeast,
      items.map(({ content }) => JSON.stringify(content)),
      items.map(({ content }) => content.group),
      items.map(({ gold }) => (gold === null ? null : JSON.stringify(gold))),
      items.map(({ priority }) => priority),
    ],
  );
  const gold = items.filter((item) => item.gold !== null).length;
  await appendFeedbackEvents(query, taskId, [{ kind: 'itemsAdded', firstPosition, lastPosition }], {
    items: items.length - gold,
    gold,
  });
  return { taskId, firstPosition, lastPosition };
}

async function addedBefore(query: Query, batchId: string): Promise<AddedItems> {
  const added = await readItemBatch(query, batchId);
  if (added === null) throw gone;
  return added;
}

const gone = new ProblemsError([problem(['taskId'], 'NOT_FOUND', 'There is no feedback task with this id.')]);
