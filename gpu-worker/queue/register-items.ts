import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { FeedbackOverlap, FeedbackTaskStatus } from '../../src/protocol/feedback.js';
import type { JobResult } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { changeTaskStatus } from '../../src/protocol/sql/feedback-log.js';
import { feedbackBeyondQuota, feedbackQuotaHints } from '../../src/protocol/sql/feedback-quota.js';
import { insertFeedbackItems } from '../../src/protocol/sql/insert-feedback-items.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { ProblemError } from '../problem-error.js';
import type { MadeItem, MadeItems } from '../thread-protocol.js';

/** Items of one INSERT. */
const itemsAtATime = 500;

interface TaskOfSource {
  readonly id: string;
  readonly projectId: string;
  readonly status: FeedbackTaskStatus;
  readonly overlap: FeedbackOverlap;
  readonly opensAs: 'OPEN' | 'PAUSED';
}

async function lockTaskOf(query: Query, sourceId: string): Promise<TaskOfSource | null> {
  const [task] = await query<TaskOfSource>(
    `SELECT t.id, t.project_id AS "projectId", t.status, t.overlap, s.opens_as AS "opensAs"
       FROM feedback_item_sources s JOIN feedback_tasks t ON t.id = s.task_id WHERE s.id = $1 FOR UPDATE OF t`,
    [sourceId],
  );
  return task ?? null;
}

/**
 * Inserts the items of a task that were made, and opens it: all in the transaction in which their job succeeds, so that
 * no item is there twice, whatever happened to workers before. A task that was closed meanwhile gets none.
 * @throws ProblemError QUOTA_EXCEEDED when the project would have too many items
 */
export async function registerItems(
  query: Query,
  sourceId: string,
  result: JobResult & { readonly kind: 'makeItems' },
  items: MadeItems | null,
): Promise<void> {
  const task = await lockTaskOf(query, sourceId);
  if (task === null) return;
  if (task.status !== 'PREPARING') {
    await query(`UPDATE feedback_item_sources SET status = 'CANCELED' WHERE id = $1`, [sourceId]);
    return;
  }
  if (items === null) throw new Error(`The source ${sourceId} made no items.`);
  const insert = (made: readonly MadeItem[]) =>
    insertFeedbackItems(
      query,
      task.id,
      task.overlap.atLeast,
      made.map((each) => ({ ...each, gold: null })),
    );
  let waiting: MadeItem[] = [];
  let count = 0;
  const lines = createInterface({ input: createReadStream(items.path) });
  for await (const line of lines) {
    waiting.push(JSON.parse(line) as MadeItem);
    count++;
    if (waiting.length < itemsAtATime) continue;
    await insert(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await insert(waiting);
  if (count !== items.count) throw new Error(`The file of ${items.count} items has ${count}.`);
  await query('UPDATE feedback_item_sources SET item_count = $2, left_out_count = $3, equal_count = $4 WHERE id = $1', [
    sourceId,
    result.itemCount,
    result.leftOutCount,
    result.equalCount,
  ]);
  await changeTaskStatus(query, task, task.opensAs, null);
  const message = await feedbackBeyondQuota(query, task.projectId, 'items');
  if (message === null) return;
  throw new ProblemError({ path: ['source'], code: 'QUOTA_EXCEEDED', message, hint: feedbackQuotaHints.items });
}

/** The items of a task could not be made: it fails, unless it was closed meanwhile. */
export async function failTaskOfSource(query: Query, sourceId: string, problem: Problem | null): Promise<void> {
  const task = await lockTaskOf(query, sourceId);
  if (task?.status !== 'PREPARING') return;
  await query('UPDATE feedback_tasks SET problem = $2 WHERE id = $1', [
    task.id,
    problem === null ? null : JSON.stringify(problem),
  ]);
  await changeTaskStatus(query, task, 'FAILED', null);
}
