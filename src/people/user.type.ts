import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { UserRow } from './user.reads.js';

@ObjectType('User', {
  description: 'Somebody who works here, or a service that does.',
  implements: Node,
  simpleResolvers: true,
})
export class UserType extends Node {
  uuid!: string;

  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'E-mail address. For administrators of the server; owners of a project see those of its members there.',
  })
  email!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether this is an administrator of the server. For administrators to see.',
  })
  administrator!: boolean | null;

  @Field(() => DateTime, { description: 'When the user was made known.' })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when nobody may act as this user; null: not deactivated. For administrators to see.',
  })
  deactivatedAt!: Date | null;
}

export const users = connectionOf('User', 'users', UserType);

export function toUserType({ id, ...row }: UserRow): UserType {
  return Object.assign(new UserType(), row, { id: globalId('User', id), uuid: id });
}

export const setAdministratorResult = resultUnion('SetAdministratorResult', 'The user, changed; or why not.', UserType);
export const deactivateUserResult = resultUnion('DeactivateUserResult', 'The user, deactivated; or why not.', UserType);
export const reactivateUserResult = resultUnion(
  'ReactivateUserResult',
  'The user, active again; or why not.',
  UserType,
);
