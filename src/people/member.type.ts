import { Field, ObjectType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { MemberRow } from './member.reads.js';
import { RoleEnum } from './viewer.type.js';

@ObjectType('Member', {
  description: 'A user in a project, with a role there. Who leaves the project and comes back is another member.',
  implements: Node,
  simpleResolvers: true,
})
export class MemberType extends Node {
  projectUuid!: string;
  userUuid!: string;

  @Field(() => RoleEnum, { description: 'What the user may do in the project.' })
  role!: Role;

  @Field(() => String, {
    nullable: true,
    description: 'E-mail address of the user; null when none is known. Only owners of the project see it.',
  })
  email!: string | null;

  @Field(() => DateTime, { description: 'Since when.' })
  createdAt!: Date;
}

export const members = connectionOf('Member', 'members', MemberType);

export function toMemberType({ id, projectId, userId, ...row }: MemberRow): MemberType {
  return Object.assign(new MemberType(), row, {
    id: globalId('Member', id),
    projectUuid: projectId,
    userUuid: userId,
  });
}

export const addMemberResult = resultUnion(
  'AddMemberResult',
  'The new member; or why the user was not added.',
  MemberType,
);
export const changeMemberRoleResult = resultUnion(
  'ChangeMemberRoleResult',
  'The member with the new role; or why the role was not changed.',
  MemberType,
);
