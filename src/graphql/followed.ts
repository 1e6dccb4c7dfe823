import { GraphQLError } from 'graphql';
import type { LoadsByKey } from '../database/key-loader.js';
import { parseGlobalId, type TypeWithId } from './global-id.js';

/**
 * The feed of one import, export, evaluation or batch prediction.
 * @throws GraphQL error NOT_FOUND before the subscription starts
 */
export async function followed<Row>(
  type: Extract<
    TypeWithId,
    | 'ModelImport'
    | 'ModelExport'
    | 'Evaluation'
    | 'BatchPrediction'
    | 'ScoredSamples'
    | 'Preparation'
    | 'DatasetReport'
    | 'DatasetExport'
    | 'ModelRecommendation'
  >,
  id: string,
  loader: LoadsByKey<Row | null>,
  feed: (uuid: string) => AsyncIterable<Row>,
): Promise<AsyncIterable<Row>> {
  const parsed = parseGlobalId(id);
  if (parsed?.type === type && (await loader.load(parsed.uuid)) !== null) return feed(parsed.uuid);
  throw new GraphQLError(`There is no ${type} with this id.`, { extensions: { code: 'NOT_FOUND' } });
}
