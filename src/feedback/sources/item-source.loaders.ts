import { createKeyLoader } from '../../database/by-key.js';
import type { ItemPrediction, ItemRewards } from '../../protocol/feedback/make-items-job.js';
import type { Query } from '../../protocol/sql/query.js';
import { type ItemSourceRow, predictionsOfItems, rewardsOfItems, sourcesOfTasks } from './item-source.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    readonly itemSources: ReturnType<typeof createItemSourceLoaders>;
  }
}

export function createItemSourceLoaders(query: Query) {
  return {
    /** Null: items were given by hand. */
    ofTask: createKeyLoader<ItemSourceRow>(
      (ids) => sourcesOfTasks(query, ids),
      (row) => row.taskId,
    ),
    /** Null: the item was not made of predictions. */
    predictionOfItem: createKeyLoader<{ readonly id: string; readonly prediction: ItemPrediction }>(
      (ids) => predictionsOfItems(query, ids),
      (row) => row.id,
    ),
    /** Null: no reward model ranked the item. */
    rewardsOfItem: createKeyLoader<{ readonly id: string; readonly rewards: ItemRewards }>(
      (ids) => rewardsOfItems(query, ids),
      (row) => row.id,
    ),
  };
}
