import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { checkRange } from '../graphql/check-range.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { ProjectType } from '../projects/project.type.js';
import { ExperimentActionInput } from './experiment.input.js';
import { ExperimentType, toExperimentType } from './experiment.type.js';
import { archivedOrNot, archivedToo, wantsArchived } from './experiment-filter.input.js';
import { SetExperimentPriorityInput, UpdateExperimentInput } from './organizing.input.js';
import type { OrganizingService } from './organizing.service.js';
import {
  archiveExperimentResult,
  setExperimentPriorityResult,
  TagCountType,
  toTagCountType,
  unarchiveExperimentResult,
  updateExperimentResult,
} from './organizing.type.js';

const maxTagsShown = 1000;

@Resolver(() => ExperimentType)
export class OrganizingResolver {
  constructor(private readonly organizing: OrganizingService) {}

  @FieldResolver(() => ExperimentType, {
    nullable: true,
    description: 'The experiment that this one was cloned from; null unless it was cloned.',
  })
  async clonedFrom(
    @Root() { clonedFromUuid: uuid }: ExperimentType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ExperimentType | null> {
    return uuid === null ? null : toExperimentType(await existing(loaders.experiments.byId, uuid));
  }

  @Mutation(() => updateExperimentResult, {
    description: 'Changes name, tags or notes of an experiment in any status. The training itself does not change.',
  })
  updateExperiment(
    @Arg('input', () => UpdateExperimentInput, { description: 'The experiment, and what to change.' })
    input: UpdateExperimentInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.organizing.update(id, input));
  }

  @Mutation(() => archiveExperimentResult, {
    description:
      'Archives an experiment that has ended: it stays as it is, but lists can leave it out. Archiving it again changes nothing.',
  })
  archiveExperiment(
    @Arg('input', () => ExperimentActionInput, { description: 'Which one.' }) input: ExperimentActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.organizing.archive(id));
  }

  @Mutation(() => unarchiveExperimentResult, {
    description: 'Takes an experiment out of the archive. Repeating the call changes nothing.',
  })
  unarchiveExperiment(
    @Arg('input', () => ExperimentActionInput, { description: 'Which one.' }) input: ExperimentActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.organizing.unarchive(id));
  }

  @Mutation(() => setExperimentPriorityResult, {
    description:
      'Changes the priority of an experiment in the queue, at once. A running experiment is not interrupted; the priority counts when it waits again.',
  })
  setExperimentPriority(
    @Arg('input', () => SetExperimentPriorityInput, { description: 'The experiment, and its new priority.' })
    input: SetExperimentPriorityInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.organizing.setPriority(id, input.priority));
  }

  private act(
    input: { readonly experimentId: string },
    { loaders }: GraphQLContext,
    action: (id: string) => Promise<void>,
  ) {
    return orProblems(async () => {
      const id = rowId('Experiment', input.experimentId, ['experimentId']);
      await action(id);
      return toExperimentType(await loaded(loaders.experiments.byId, id));
    });
  }
}

@Resolver(() => ProjectType)
export class ExperimentTagsResolver {
  @FieldResolver(() => [TagCountType], {
    description: "The tags of the project's experiments, the most used first.",
    complexity: ({ args, childComplexity }) => 1 + args.first * childComplexity,
  })
  async experimentTags(
    @Root() project: ProjectType,
    @Arg('first', () => Int, {
      defaultValue: 100,
      description: `How many tags to return at most, from 1 to ${maxTagsShown}.`,
    })
    first: number,
    @Arg('archived', () => Boolean, {
      nullable: true,
      description: archivedOrNot,
    })
    archived: boolean | null | undefined,
    @Arg('includeArchived', () => Boolean, { nullable: true, description: archivedToo })
    includeArchived: boolean | null | undefined,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<TagCountType[]> {
    const rows = await loaders.experiments.tagsOfProject.load({
      projectId: project.uuid,
      args: {
        first: checkRange('first', first, 1, maxTagsShown),
        archived: wantsArchived({ archived, includeArchived }),
      },
    });
    return rows.map(toTagCountType);
  }
}
