import { randomUUID } from 'node:crypto';
import { requestTransferCancel } from '../../jobs/cancel-transfer.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { Query } from '../../protocol/sql/query.js';
import type { PlannedItems } from './plan-items.js';

/** Queues the job that makes the items of a new task, in the transaction that creates the task. */
export async function queueItems(
  query: Query,
  made: {
    readonly projectId: string;
    readonly taskId: string;
    readonly planned: PlannedItems;
    /** What the task becomes once its items are there. */
    readonly opensAs: 'OPEN' | 'PAUSED';
  },
): Promise<void> {
  const { projectId, taskId, planned, opensAs } = made;
  const id = randomUUID();
  const payload = { ...planned, itemSourceId: id };
  await query(
    `INSERT INTO feedback_item_sources (id, task_id, request, opens_as, status) VALUES ($1, $2, $3, $4, 'QUEUED')`,
    [id, taskId, JSON.stringify(payload), opensAs],
  );
  await enqueueJob(query, { id: randomUUID(), projectId, payload });
}

/** Cancels the making of a task's items, if it goes on. */
export async function cancelItems(query: Query, taskId: string): Promise<void> {
  const [source] = await query<{ id: string }>(
    `SELECT s.id FROM feedback_item_sources s JOIN jobs j ON j.item_source_id = s.id WHERE s.task_id = $1 FOR UPDATE OF j`,
    [taskId],
  );
  if (source === undefined) return;
  const [row] = await query<{ status: TransferStatus }>('SELECT status FROM feedback_item_sources WHERE id = $1', [
    source.id,
  ]);
  if (row?.status !== 'QUEUED' && row?.status !== 'RUNNING') return;
  await requestTransferCancel(query, 'makeItems', source.id, ['taskId']);
}
