import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { Query } from '../protocol/sql/query.js';
import { versionsFromSamples } from './datasets/sample-lineage.reads.js';
import {
  promptsOfSamples,
  type ScoredPromptRow,
  type ScoredSamplesRow,
  scoredSamplesByIds,
  scoredSamplesOfModel,
  scoredSamplesOfProject,
  scoredSamplesOfVersion,
} from './scored-samples.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly scoredSamples: ReturnType<typeof createScoredSamplesLoaders>;
  }
  interface LiveFeeds {
    /** A batch of samples as it is now, then after each change, until it has ended. */
    scoredSamples(samplesId: string): AsyncIterable<ScoredSamplesRow>;
  }
}

export function createScoredSamplesLoaders(query: Query) {
  return {
    byId: createKeyLoader<ScoredSamplesRow>(
      (ids) => scoredSamplesByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<ScoredSamplesRow>(query, scoredSamplesOfProject),
    ofModel: createChildPageLoader<ScoredSamplesRow>(query, scoredSamplesOfModel),
    ofVersion: createChildPageLoader<ScoredSamplesRow>(query, scoredSamplesOfVersion),
    prompts: createChildPageLoader<ScoredPromptRow>(query, promptsOfSamples),
    /** Versions that were made of a batch. */
    versions: createChildPageLoader<DatasetVersionRow>(query, versionsFromSamples),
  };
}
