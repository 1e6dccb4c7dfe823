import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { AddMemberInput, ChangeMemberRoleInput, RemoveMemberInput } from './member.input.js';
import type { MemberService } from './member.service.js';
import { addMemberResult, changeMemberRoleResult, MemberType, members, toMemberType } from './member.type.js';
import { toUserType, UserType } from './user.type.js';

const removeMemberResult = resultUnion(
  'RemoveMemberResult',
  'The project without the member; or why not.',
  ProjectType,
);

@Resolver(() => MemberType)
export class MemberResolver {
  constructor(private readonly service: MemberService) {}

  @FieldResolver(() => UserType, { description: 'Who it is.' })
  async user(@Root() member: MemberType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, member.userUuid));
  }

  @Mutation(() => addMemberResult, {
    description:
      'Takes somebody into a project by e-mail address. A user who is not known yet is made known: whoever signs in with that address, or is given an API key, is this user.',
  })
  addMember(@Arg('input', () => AddMemberInput, { description: 'Who, and as what.' }) input: AddMemberInput) {
    return orProblems(async () => toMemberType(await this.service.add(input)));
  }

  @Mutation(() => changeMemberRoleResult, {
    description: 'Gives a member another role, with effect on open subscriptions.',
  })
  changeMemberRole(
    @Arg('input', () => ChangeMemberRoleInput, { description: 'Who, and which role.' }) input: ChangeMemberRoleInput,
    @Ctx() { viewer }: GraphQLContext,
  ) {
    return orProblems(async () => toMemberType(await this.service.changeRole(viewer, input)));
  }

  @Mutation(() => removeMemberResult, {
    description:
      "Takes a member out of a project, with effect on open subscriptions. The member's keys open it no longer.",
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
    description: 'Its members, those who came first at the top. Administrators of the server need not be among them.',
    complexity: pageComplexity,
  })
  members(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.membersOfProject,
      parent: project.uuid,
      page,
      toNode: toMemberType,
      toConnection: members.toConnection,
    });
  }
}
