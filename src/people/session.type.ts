import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { SessionRow } from './session.reads.js';

@ObjectType('Session', {
  description: 'A browser in which the viewer is signed in. One that is over is no longer there.',
  implements: Node,
  simpleResolvers: true,
})
export class SessionType extends Node {
  uuid!: string;

  @Field(() => String, {
    description: 'What the browser said that it is, cut to 200 characters; empty when it said nothing.',
  })
  userAgent!: string;

  @Field(() => DateTime, { description: 'When the viewer signed in.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last used, to within a minute.' })
  lastUsedAt!: Date;

  @Field(() => DateTime, {
    description: 'When it is over unless it is used before; at the latest a week after it began.',
  })
  expiresAt!: Date;
}

export const sessions = connectionOf('Session', 'sessions', SessionType);
export const endSessionResult = resultUnion('EndSessionResult', 'The session as it was; or why not.', SessionType);

export function toSessionType({ id, userId: _, ...row }: SessionRow): SessionType {
  return Object.assign(new SessionType(), row, { id: globalId('Session', id), uuid: id });
}
