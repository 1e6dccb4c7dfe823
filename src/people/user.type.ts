import { Field, ObjectType } from 'type-graphql';
import type { UserKind } from '../access/viewer.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { UserRow } from './user.reads.js';
import { UserKindEnum } from './viewer.type.js';

@ObjectType('User', {
  description: 'A person who works here, or a service that does.',
  implements: Node,
  simpleResolvers: true,
})
export class UserType extends Node {
  uuid!: string;

  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => UserKindEnum, { description: 'Whether this is a person, or a service account that programs act as.' })
  kind!: UserKind;

  @Field(() => String, {
    nullable: true,
    description:
      'E-mail address. Administrators of the server see it; owners of a project see the addresses of its members on `Member`.',
  })
  email!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the user is an administrator of the server. Only administrators see it.',
  })
  administrator!: boolean | null;

  @Field(() => DateTime, { description: 'When the server learnt of the user.' })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the user was deactivated: nobody can act as this user since; null: the user is active. Only administrators see it.',
  })
  deactivatedAt!: Date | null;
}

export const users = connectionOf('User', 'users', UserType);

export function toUserType({ id, ...row }: UserRow): UserType {
  return Object.assign(new UserType(), row, { id: globalId('User', id), uuid: id });
}

export const setAdministratorResult = resultUnion(
  'SetAdministratorResult',
  'The changed user; or why nothing was changed.',
  UserType,
);
export const deactivateUserResult = resultUnion(
  'DeactivateUserResult',
  'The deactivated user; or why nothing was changed.',
  UserType,
);
export const reactivateUserResult = resultUnion(
  'ReactivateUserResult',
  'The reactivated user; or why nothing was changed.',
  UserType,
);
