import type { GraphQLResolveInfo } from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { allExisting } from '../graphql/load-row.js';
import { selectedFields } from '../graphql/selected-fields.js';
import { versionColumns } from './dataset.reads.js';
import { type DatasetVersionType, toDatasetVersionType } from './dataset-version.type.js';

/** The dataset versions that objects name, for `forAll`. */
export function datasetVersionsOf(
  sources: readonly { readonly datasetVersionUuid: string }[],
  _args: unknown,
  { loaders }: GraphQLContext,
  info: GraphQLResolveInfo,
): Promise<readonly DatasetVersionType[]> {
  const versions = loaders.datasets.versionById.selecting(versionColumns.light(selectedFields(info)));
  return allExisting(
    versions,
    sources.map(({ datasetVersionUuid }) => datasetVersionUuid),
    toDatasetVersionType,
  );
}
