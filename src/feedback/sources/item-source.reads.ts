import type {
  ItemPrediction,
  ItemRewards,
  MakeItemsJob,
  MakeItemsProgress,
} from '../../protocol/feedback/make-items-job.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { Query } from '../../protocol/sql/query.js';

export interface ItemSourceRow {
  readonly id: string;
  readonly taskId: string;
  readonly request: MakeItemsJob;
  readonly status: TransferStatus;
  readonly progress: MakeItemsProgress | null;
  /** Null until it has succeeded. */
  readonly itemCount: number | null;
  readonly leftOutCount: number | null;
  readonly equalCount: number | null;
}

/** Tasks whose items were given by hand are left out. */
export function sourcesOfTasks(query: Query, taskIds: readonly string[]): Promise<ItemSourceRow[]> {
  return query(
    `SELECT id, task_id AS "taskId", request, status, progress, item_count::float8 AS "itemCount",
            left_out_count::float8 AS "leftOutCount", equal_count::float8 AS "equalCount"
       FROM feedback_item_sources WHERE task_id = ANY($1::uuid[])`,
    [taskIds],
  );
}

/** What models said of items; items without a prediction are left out. */
export function predictionsOfItems(
  query: Query,
  itemIds: readonly string[],
): Promise<{ readonly id: string; readonly prediction: ItemPrediction }[]> {
  return query('SELECT id, prediction FROM feedback_items WHERE id = ANY($1::uuid[]) AND prediction IS NOT NULL', [
    itemIds,
  ]);
}

/** What reward models said of items; items that none ranked are left out. */
export function rewardsOfItems(
  query: Query,
  itemIds: readonly string[],
): Promise<{ readonly id: string; readonly rewards: ItemRewards }[]> {
  return query('SELECT id, rewards FROM feedback_items WHERE id = ANY($1::uuid[]) AND rewards IS NOT NULL', [itemIds]);
}
