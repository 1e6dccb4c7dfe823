import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { ProjectType, toProjectType } from './project.type.js';
import { SetProjectQuotaInput } from './quota.input.js';
import type { QuotaService } from './quota.service.js';
import { ProjectQuotaType, ProjectUsageType, setProjectQuotaResult, toProjectQuotaType } from './quota.type.js';

@Resolver(() => ProjectType)
export class ProjectQuotaResolver {
  constructor(private readonly quotas: QuotaService) {}

  @FieldResolver(() => ProjectQuotaType, { description: "The project's limits." })
  async quota(@Root() { uuid }: ProjectType, @Ctx() { loaders }: GraphQLContext): Promise<ProjectQuotaType> {
    return toProjectQuotaType(await existing(loaders.quotas.quota, uuid));
  }

  @FieldResolver(() => ProjectUsageType, { description: 'What the project uses now.' })
  usage(@Root() { uuid }: ProjectType): ProjectUsageType {
    return Object.assign(new ProjectUsageType(), { projectUuid: uuid });
  }

  @Mutation(() => setProjectQuotaResult, {
    description:
      'Sets the limits of a project. Only administrators of the server can do it. Nothing that exists is removed.',
  })
  setProjectQuota(
    @Arg('input', () => SetProjectQuotaInput, { description: 'The project, and its limits.' })
    input: SetProjectQuotaInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const projectId = await this.quotas.set(input);
      loaders.quotas.quota.clear(projectId);
      return toProjectType(await loaded(loaders.projects, projectId));
    });
  }
}

@Resolver(() => ProjectUsageType)
export class ProjectUsageResolver {
  @FieldResolver(() => BigIntScalar, {
    description:
      "Total bytes of the distinct files that the project's datasets, uploads, models (also those that came with the server), checkpoints, evaluations and exports refer to. A file with several references counts once.",
    complexity: 10,
  })
  async storageBytes(@Root() { projectUuid }: ProjectUsageType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.quotas.storage.load(projectUuid))?.bytes ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Experiments that wait for a worker, with status QUEUED.' })
  async queuedExperiments(
    @Root() { projectUuid }: ProjectUsageType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<number> {
    return (await loaders.quotas.inQueue.load(projectUuid))?.queued ?? 0;
  }

  @FieldResolver(() => Int, {
    description: 'Experiments that a worker has, or had when it was lost and no other worker has taken them over yet.',
  })
  async runningExperiments(
    @Root() { projectUuid }: ProjectUsageType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<number> {
    return (await loaders.quotas.inQueue.load(projectUuid))?.running ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Feedback tasks that have not ended: PREPARING, OPEN or PAUSED.' })
  async feedbackTasks(@Root() { projectUuid }: ProjectUsageType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.quotas.feedback.load(projectUuid))?.tasks ?? 0;
  }

  @FieldResolver(() => BigIntScalar, {
    description: 'Items of all its feedback tasks, those of gold and of closed tasks included.',
  })
  async feedbackItems(@Root() { projectUuid }: ProjectUsageType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.quotas.feedback.load(projectUuid))?.items ?? 0;
  }

  @FieldResolver(() => BigIntScalar, { description: 'Records of feedback that applications have made.' })
  async recordedFeedback(
    @Root() { projectUuid }: ProjectUsageType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<number> {
    return (await loaders.quotas.feedback.load(projectUuid))?.records ?? 0;
  }
}
