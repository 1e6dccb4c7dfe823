import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { onlyProject } from '../access/viewer.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { CreateApiKeyInput, RevokeApiKeyInput } from './api-key.input.js';
import { opensOnly } from './api-key.reads.js';
import type { ApiKeyService } from './api-key.service.js';
import {
  ApiKeyType,
  apiKeys,
  CreatedApiKeyType,
  createApiKeyResult,
  revokeApiKeyResult,
  toApiKeyType,
} from './api-key.type.js';
import { toUserType, UserType } from './user.type.js';
import { ViewerType } from './viewer.type.js';

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  constructor(private readonly service: ApiKeyService) {}

  @FieldResolver(() => UserType, { description: 'The user it acts as.' })
  async user(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, key.userUuid));
  }

  @FieldResolver(() => UserType, {
    description: 'Who made it: its user, or an owner of its project. It stays when its maker leaves.',
  })
  async createdBy(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, key.makerUuid));
  }

  @FieldResolver(() => ProjectType, {
    nullable: true,
    description: 'The only project that it opens; null: all projects of its user, or the viewer can not see it.',
  })
  async project(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<ProjectType | null> {
    if (key.onlyProjectUuid === null) return null;
    return toProjectType(await existing(loaders.projects, key.onlyProjectUuid));
  }

  @Mutation(() => createApiKeyResult, {
    description:
      'Makes an API key for the viewer, or for another member of a project that the viewer administers. The secret is shown this once.',
  })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What it is for, and what it may.' })
    input: CreateApiKeyInput,
    @Ctx() { viewer, loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { id, secret } = await this.service.create(viewer, input);
      const apiKey = toApiKeyType(await loaded(loaders.people.apiKeyById, id));
      return Object.assign(new CreatedApiKeyType(), { apiKey, secret });
    });
  }

  @Mutation(() => revokeApiKeyResult, {
    description:
      'Ends an API key, one’s own or one of a project that the viewer administers: at once, open subscriptions included. Asking twice is fine.',
  })
  revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which one.' }) input: RevokeApiKeyInput,
    @Ctx() { viewer, loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toApiKeyType(await loaded(loaders.people.apiKeyById, await this.service.revoke(viewer, input.apiKeyId))),
    );
  }
}

@Resolver(() => ViewerType)
export class ViewerApiKeysResolver {
  @FieldResolver(() => apiKeys.Connection, {
    description:
      'Keys that act as the viewer, newest first, those revoked included. A key that opens one project sees those of that project alone.',
    complexity: pageComplexity,
  })
  apiKeys(@Root() { viewer }: ViewerType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    const only = onlyProject(viewer);
    return childConnection({
      loader: loaders.people.apiKeysOfUser,
      parent: viewer.userId,
      page,
      listing: only === null ? {} : { where: [opensOnly(only)] },
      toNode: toApiKeyType,
      toConnection: apiKeys.toConnection,
    });
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'The key that the viewer was known by; null: it was something else.',
  })
  async apiKey(@Root() { viewer }: ViewerType, @Ctx() { loaders }: GraphQLContext): Promise<ApiKeyType | null> {
    const { credential } = viewer;
    return credential.kind === 'API_KEY'
      ? toApiKeyType(await existing(loaders.people.apiKeyById, credential.id))
      : null;
  }
}

@Resolver(() => ProjectType)
export class ProjectApiKeysResolver {
  @FieldResolver(() => apiKeys.Connection, {
    nullable: true,
    description: 'Keys that open this project alone, newest first, those revoked included. For its owners.',
    complexity: pageComplexity,
  })
  apiKeys(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.apiKeysOfProject,
      parent: project.uuid,
      page,
      toNode: toApiKeyType,
      toConnection: apiKeys.toConnection,
    });
  }
}
