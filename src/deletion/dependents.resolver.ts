import { Args, type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetType } from '../datasets/dataset.type.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { ExperimentType } from '../experiments/experiment.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { toObjectReferenceType } from '../graphql/object-reference.type.js';
import { BaseModelType } from '../models/base-model.type.js';
import { objectReferences } from './deletion.type.js';

interface Used {
  readonly uuid: string;
}

function dependentsResolver(Type: ClassType<Used>, list: 'ofObject' | 'ofDataset', description: string) {
  @Resolver(() => Type)
  class DependentsResolver {
    @FieldResolver(() => objectReferences.Connection, { description, complexity: pageComplexity })
    dependents(@Root() { uuid }: Used, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
      return childConnection({
        loader: loaders.dependents[list],
        parent: uuid,
        page,
        toNode: toObjectReferenceType,
        toConnection: objectReferences.toConnection,
      });
    }
  }
  return DependentsResolver;
}

const first = 'newest first: the object is not deleted without them.';

/** The field `dependents` of every type whose objects others use. */
export const dependentsResolvers = [
  dependentsResolver(
    DatasetType,
    'ofDataset',
    `Experiments, evaluations, batch predictions, batches of samples and exports that use a version of the dataset, ${first}`,
  ),
  dependentsResolver(
    DatasetVersionType,
    'ofObject',
    `Experiments, evaluations, batch predictions, batches of samples and exports that use the version, ${first}`,
  ),
  dependentsResolver(
    BaseModelType,
    'ofObject',
    `Experiments, evaluations, batch predictions, batches of samples, exports, aliases and imports of adapters that use the model, ${first}`,
  ),
  dependentsResolver(ExperimentType, 'ofObject', `The model that came out of the experiment, ${first}`),
];
