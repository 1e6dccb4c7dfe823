import { randomUUID } from 'node:crypto';
import { holdRows } from '../../database/hold-rows.js';
import { requestTransferCancel } from '../../jobs/cancel-transfer.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { Query } from '../../protocol/sql/query.js';
import type { PlannedItems } from './plan-items.js';

/**
 * Queues the job that makes the items of a new task, in the transaction that creates the task.
 * @throws ProblemsError CONFLICT for what the items were to be made of and was deleted at this moment
 */
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
  await holdRead(query, planned);
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

/** Until the transaction ends. After that, deletions see the source. */
async function holdRead(query: Query, { versionId, from, ranking }: PlannedItems): Promise<void> {
  const writing =
    from.kind === 'generations' ? from.variants.map(({ modelId }) => modelId) : 'modelId' in from ? [from.modelId] : [];
  const models = [...new Set([...writing, ...(ranking?.models ?? []).map(({ modelId }) => modelId)])];
  const versions = await holdRows(query, 'dataset_versions', [versionId]);
  const held = await holdRows(query, 'base_models', models);
  if (versions.size === 1 && held.size === models.length) return;
  const message = 'The dataset version, or a model, that items are to be made of was deleted at this moment.';
  throw new ProblemsError([problem(['source'], 'CONFLICT', message)]);
}
