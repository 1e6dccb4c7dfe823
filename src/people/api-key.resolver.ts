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

  @FieldResolver(() => UserType, { description: 'The user that the key acts as.' })
  async user(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, key.userUuid));
  }

  @FieldResolver(() => UserType, {
    description:
      'Who created the key: its user, or an owner of its project. The key stays valid when its creator leaves.',
  })
  async createdBy(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, key.makerUuid));
  }

  @FieldResolver(() => ProjectType, {
    nullable: true,
    description:
      'The only project that the key opens; null: it opens all projects of its user, or the viewer can not see the project, or it was deleted.',
  })
  async project(@Root() key: ApiKeyType, @Ctx() { loaders }: GraphQLContext): Promise<ProjectType | null> {
    if (key.onlyProjectUuid === null) return null;
    const row = await loaders.projects.load(key.onlyProjectUuid);
    return row === null ? null : toProjectType(row);
  }

  @Mutation(() => createApiKeyResult, {
    description:
      'Creates an API key for the viewer, or for another member of a project that the viewer administers. The secret is shown only in this answer.',
  })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What the key is for, and what it may do.' })
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
      'Revokes an API key of the viewer, or of a project that the viewer administers. It stops working at once, for open subscriptions too. Revoking it again changes nothing.',
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
      'Keys that act as the viewer, newest first, revoked ones included. A viewer whose key opens one project sees only the keys of that project.',
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
    description: 'The API key that the viewer used; null: the viewer used none.',
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
    description: 'Keys that open only this project, newest first, revoked ones included. Only its owners see them.',
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
