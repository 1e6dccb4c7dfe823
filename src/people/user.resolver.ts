import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { theServer } from '../access/server-parent.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { SetAdministratorInput, UserActionInput } from './user.input.js';
import type { UserService } from './user.service.js';
import {
  deactivateUserResult,
  reactivateUserResult,
  setAdministratorResult,
  toUserType,
  UserType,
  users,
} from './user.type.js';

@Resolver(() => UserType)
export class UserResolver {
  constructor(private readonly service: UserService) {}

  @Query(() => users.Connection, {
    description: 'All users that the server knows, the earliest first. Only administrators see them.',
    complexity: pageComplexity,
  })
  users(@Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.usersOfServer,
      parent: theServer,
      page,
      toNode: toUserType,
      toConnection: users.toConnection,
    });
  }

  @Mutation(() => setAdministratorResult, {
    description: 'Makes a user an administrator of the server, or takes that away.',
  })
  setAdministrator(
    @Arg('input', () => SetAdministratorInput, { description: 'The user, and whether they administer the server.' })
    input: SetAdministratorInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(context, () => this.service.setAdministrator(context.viewer, input.userId, input.administrator));
  }

  @Mutation(() => deactivateUserResult, {
    description:
      'Shuts a user out: their keys and sign-ins stop working at once. Everything that the user created stays.',
  })
  deactivateUser(
    @Arg('input', () => UserActionInput, { description: 'Who.' }) { userId }: UserActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(context, () => this.service.deactivate(context.viewer, userId));
  }

  @Mutation(() => reactivateUserResult, { description: 'Lets a user in again.' })
  reactivateUser(
    @Arg('input', () => UserActionInput, { description: 'Who.' }) { userId }: UserActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(context, () => this.service.reactivate(userId));
  }

  private act({ loaders }: GraphQLContext, action: () => Promise<string>) {
    return orProblems(async () => toUserType(await loaded(loaders.people.userById, await action())));
  }
}
