import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import type { UserKind } from '../access/viewer.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { AddMemberInput, ChangeMemberRoleInput, RemoveMemberInput } from './member.input.js';
import { isOfKind } from './member.reads.js';
import type { MemberService } from './member.service.js';
import { addMemberResult, changeMemberRoleResult, MemberType, members, toMemberType } from './member.type.js';
import { toUserType, UserType } from './user.type.js';
import { UserKindEnum } from './viewer.type.js';

const removeMemberResult = resultUnion(
  'RemoveMemberResult',
  'The project without the member; or why the member was not removed.',
  ProjectType,
);

@Resolver(() => MemberType)
export class MemberResolver {
  constructor(private readonly service: MemberService) {}

  @FieldResolver(() => UserType, { description: 'The user who is a member.' })
  async user(@Root() member: MemberType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, member.userUuid));
  }

  @Mutation(() => addMemberResult, {
    description:
      'Adds a user to a project by e-mail address. If the server does not know the address yet, it creates a user with it: whoever signs in with that address, or gets an API key for that user, is this user.',
  })
  addMember(
    @Arg('input', () => AddMemberInput, { description: 'The new member, and the role.' }) input: AddMemberInput,
  ) {
    return orProblems(async () => toMemberType(await this.service.add(input)));
  }

  @Mutation(() => changeMemberRoleResult, {
    description: 'Gives a member another role. Open subscriptions follow the new role at once.',
  })
  changeMemberRole(
    @Arg('input', () => ChangeMemberRoleInput, { description: 'The member, and the new role.' })
    input: ChangeMemberRoleInput,
    @Ctx() { viewer }: GraphQLContext,
  ) {
    return orProblems(async () => toMemberType(await this.service.changeRole(viewer, input)));
  }

  @Mutation(() => removeMemberResult, {
    description:
      "Removes a member from a project. The member's keys and open subscriptions lose access to it at once. A service account ends with it.",
  })
  removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'Who.' }) input: RemoveMemberInput,
    @Ctx() { viewer, loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toProjectType(await loaded(loaders.projects, await this.service.remove(viewer, input))),
    );
  }
}

@Resolver(() => ProjectType)
export class ProjectMembersResolver {
  @FieldResolver(() => members.Connection, {
    description: "The project's members, the earliest first. Administrators of the server need not be among them.",
    complexity: pageComplexity,
  })
  members(
    @Root() project: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('kind', () => UserKindEnum, {
      nullable: true,
      description: 'Only people, or only service accounts. Default: both.',
    })
    kind: UserKind | null,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.people.membersOfProject,
      parent: project.uuid,
      page,
      ...(kind == null ? {} : { listing: { where: [isOfKind(kind)] } }),
      toNode: toMemberType,
      toConnection: members.toConnection,
    });
  }
}
