import { Arg, Ctx, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { parseGlobalId } from '../../graphql/global-id.js';
import { existing } from '../../graphql/load-row.js';
import { ExperimentType } from '../experiment.type.js';
import { ExperimentDiffType, toExperimentDiffType } from './comparison.type.js';
import { comparedConfiguration } from './configuration.js';
import { ConfigurationDifferenceType } from './setting.type.js';

@Resolver(() => ExperimentType)
export class ExperimentDiffResolver {
  @FieldResolver(() => ExperimentDiffType, {
    nullable: true,
    description: 'The differences from another experiment; null when the project has no experiment with this id.',
  })
  async diff(
    @Root() { uuid, projectUuid }: ExperimentType,
    @Arg('with', () => ID, { description: 'Id of the other experiment.' }) other: string,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ExperimentDiffType | null> {
    const parsed = parseGlobalId(other);
    if (parsed?.type !== 'Experiment') return null;
    const [own, found] = await Promise.all([
      existing(loaders.experiments.byId, uuid),
      loaders.experiments.byId.load(parsed.uuid),
    ]);
    return found?.projectId === projectUuid ? toExperimentDiffType([own, found]) : null;
  }
}

@Resolver(() => ExperimentDiffType)
export class DiffConfigurationResolver {
  @FieldResolver(() => [ConfigurationDifferenceType], {
    description: "The settings that differ: this experiment's value, then the other's.",
    complexity: ({ childComplexity }) => 1 + 10 * childComplexity,
  })
  configuration(
    @Root() { rows }: ExperimentDiffType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ConfigurationDifferenceType[]> {
    return comparedConfiguration(rows, loaders, true);
  }
}
