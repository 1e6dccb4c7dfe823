import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { DatasetVersionRow } from '../../datasets/dataset.reads.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  countsOfModels,
  type RecordedCountsRow,
  type RecordedFeedbackRow,
  recordedFeedbackByIds,
  recordedFeedbackOfModel,
  recordedFeedbackOfProject,
  versionsFromRecorded,
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
    /** Dataset versions that were made of it. */
    versionsOfModel: createChildPageLoader<DatasetVersionRow>(query, versionsFromRecorded),
    /** Null: the model has none. */
    countsOfModel: createKeyLoader<RecordedCountsRow>(
      (ids) => countsOfModels(query, ids),
      (row) => row.modelId,
    ),
  };
}
