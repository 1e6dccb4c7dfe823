import type { GraphQLResolveInfo } from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { allExisting } from '../graphql/load-row.js';
import { selectedFields } from '../graphql/selected-fields.js';
import { baseModelColumns } from './base-model.reads.js';
import { type BaseModelType, toBaseModelType } from './base-model.type.js';

/** The models that objects name, for `forAll`. */
export function baseModelsOf(
  sources: readonly { readonly baseModelUuid: string }[],
  _args: unknown,
  { loaders }: GraphQLContext,
  info: GraphQLResolveInfo,
): Promise<readonly BaseModelType[]> {
  const models = loaders.baseModels.byId.selecting(baseModelColumns.light(selectedFields(info)));
  return allExisting(
    models,
    sources.map(({ baseModelUuid }) => baseModelUuid),
    toBaseModelType,
  );
}
