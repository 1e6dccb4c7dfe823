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

  @FieldResolver(() => ProjectQuotaType, { description: 'What it may take up.' })
  async quota(@Root() { uuid }: ProjectType, @Ctx() { loaders }: GraphQLContext): Promise<ProjectQuotaType> {
    return toProjectQuotaType(await existing(loaders.quotas.quota, uuid));
  }

  @FieldResolver(() => ProjectUsageType, { description: 'What it takes up now.' })
  usage(@Root() { uuid }: ProjectType): ProjectUsageType {
    return Object.assign(new ProjectUsageType(), { projectUuid: uuid });
  }

  @Mutation(() => setProjectQuotaResult, {
    description:
      'Sets what a project may take up; for administrators of the server. Nothing that is there is taken away.',
  })
  setProjectQuota(
    @Arg('input', () => SetProjectQuotaInput, { description: 'Which project, and its limits.' })
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
      'Bytes of the different files that its datasets, uploads, models (those that came with the server too), checkpoints and exports refer to. A file that several of them refer to counts once.',
    complexity: 10,
  })
  async storageBytes(@Root() { projectUuid }: ProjectUsageType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.quotas.storage.load(projectUuid))?.bytes ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Experiments that wait for a worker: those that are QUEUED.' })
  async queuedExperiments(
    @Root() { projectUuid }: ProjectUsageType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<number> {
    return (await loaders.quotas.inQueue.load(projectUuid))?.queued ?? 0;
  }

  @FieldResolver(() => Int, {
    description: 'Experiments that a worker has, or had when it was lost and no other has taken them over yet.',
  })
  async runningExperiments(
    @Root() { projectUuid }: ProjectUsageType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<number> {
    return (await loaders.quotas.inQueue.load(projectUuid))?.running ?? 0;
  }
}
