import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  type BatchPredictionRow,
  batchPredictionsByIds,
  batchPredictionsOfModel,
  batchPredictionsOfProject,
} from './batch-prediction.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly batchPredictions: ReturnType<typeof createBatchPredictionLoaders>;
  }
  interface LiveFeeds {
    /** A batch prediction as it is now, then after each change, until it has ended. */
    batchPrediction(batchPredictionId: string): AsyncIterable<BatchPredictionRow>;
  }
}

export function createBatchPredictionLoaders(query: Query) {
  return {
    byId: createKeyLoader<BatchPredictionRow>(
      (ids) => batchPredictionsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<BatchPredictionRow>(query, batchPredictionsOfProject),
    ofModel: createChildPageLoader<BatchPredictionRow>(query, batchPredictionsOfModel),
  };
}
