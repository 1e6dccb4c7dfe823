import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { theServer } from '../access/server-parent.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { existing } from '../graphql/load-row.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { ApiKeyType, toApiKeyType } from './api-key.type.js';
import { AuditEntryType, auditEntries, toAuditEntryType } from './audit.type.js';
import { auditConditions } from './audit-filter.input.js';
import { AuditListArgs } from './audit-list.args.js';
import { toUserType, UserType } from './user.type.js';

@Resolver(() => AuditEntryType)
export class AuditEntryResolver {
  @Query(() => auditEntries.Connection, {
    description: 'The audit log of the whole server, newest entry first. Only administrators see it.',
    complexity: pageComplexity,
  })
  auditLog(@Args(() => AuditListArgs) page: AuditListArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.auditOfServer,
      parent: theServer,
      page,
      listing: { where: auditConditions(page.filter ?? {}) },
      toNode: toAuditEntryType,
      toConnection: auditEntries.toConnection,
    });
  }

  @FieldResolver(() => ProjectType, {
    nullable: true,
    description:
      'The project that the action is about; null: the action is about the server as a whole, or the project was deleted.',
  })
  async project(@Root() entry: AuditEntryType, @Ctx() { loaders }: GraphQLContext): Promise<ProjectType | null> {
    const { aboutProjectUuid } = entry;
    const row = aboutProjectUuid === null ? null : await loaders.projects.load(aboutProjectUuid);
    return row === null ? null : toProjectType(row);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who.' })
  async user(@Root() { userUuid }: AuditEntryType, @Ctx() { loaders }: GraphQLContext): Promise<UserType | null> {
    return userUuid === null ? null : toUserType(await existing(loaders.people.userById, userUuid));
  }

  @FieldResolver(() => ApiKeyType, { nullable: true, description: 'The API key that was used; null: none.' })
  async apiKey(@Root() { apiKeyUuid }: AuditEntryType, @Ctx() { loaders }: GraphQLContext): Promise<ApiKeyType | null> {
    return apiKeyUuid === null ? null : toApiKeyType(await existing(loaders.people.apiKeyById, apiKeyUuid));
  }
}

@Resolver(() => ProjectType)
export class ProjectAuditResolver {
  @FieldResolver(() => auditEntries.Connection, {
    nullable: true,
    description: 'Who did what in this project, newest first. Only its owners see it.',
    complexity: pageComplexity,
  })
  auditLog(
    @Root() project: ProjectType,
    @Args(() => AuditListArgs) page: AuditListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.people.auditOfProject,
      parent: project.uuid,
      page,
      listing: { where: auditConditions(page.filter ?? {}) },
      toNode: toAuditEntryType,
      toConnection: auditEntries.toConnection,
    });
  }
}
