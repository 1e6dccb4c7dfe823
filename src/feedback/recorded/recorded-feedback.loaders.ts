import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  countsOfModels,
  type RecordedCountsRow,
  type RecordedFeedbackRow,
  recordedFeedbackByIds,
  recordedFeedbackOfModel,
  recordedFeedbackOfProject,
} from './recorded-feedback.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    readonly recordedFeedback: ReturnType<typeof createRecordedFeedbackLoaders>;
  }
}

export function createRecordedFeedbackLoaders(query: Query) {
  return {
    byId: createKeyLoader<RecordedFeedbackRow>(
      (ids) => recordedFeedbackByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<RecordedFeedbackRow>(query, recordedFeedbackOfProject),
    ofModel: createChildPageLoader<RecordedFeedbackRow>(query, recordedFeedbackOfModel),
    /** Null: the model has none. */
    countsOfModel: createKeyLoader<RecordedCountsRow>(
      (ids) => countsOfModels(query, ids),
      (row) => row.modelId,
    ),
  };
}
