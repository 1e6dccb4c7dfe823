import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import { type RecommendationRow, recommendationsByIds, recommendationsOfVersion } from './recommendation.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly recommendations: ReturnType<typeof createRecommendationLoaders>;
  }
  interface LiveFeeds {
    /** A recommendation as it is now, then after each change, until it has ended. */
    modelRecommendation(recommendationId: string): AsyncIterable<RecommendationRow>;
  }
}

export function createRecommendationLoaders(query: Query) {
  return {
    byId: createKeyLoader<RecommendationRow>(
      (ids) => recommendationsByIds(query, ids),
      (row) => row.id,
    ),
    ofVersion: createChildPageLoader<RecommendationRow>(query, recommendationsOfVersion),
  };
}
