import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { SessionRow } from './session.reads.js';

@ObjectType('Session', {
  description: 'A browser in which the viewer is signed in. A session that has ended is not listed.',
  implements: Node,
  simpleResolvers: true,
})
export class SessionType extends Node {
  uuid!: string;

  @Field(() => String, {
    description: "The browser's User-Agent header, cut to 200 characters; empty when the browser sent none.",
  })
  userAgent!: string;

  @Field(() => DateTime, { description: 'When the viewer signed in.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When the session was last used, to within a minute.' })
  lastUsedAt!: Date;

  @Field(() => DateTime, {
    description: 'When the session ends if it is not used before; a week after it began at the latest.',
  })
  expiresAt!: Date;
}

export const sessions = connectionOf('Session', 'sessions', SessionType);
export const endSessionResult = resultUnion(
  'EndSessionResult',
  'The session as it was; or why it was not ended.',
  SessionType,
);

export function toSessionType({ id, userId: _, ...row }: SessionRow): SessionType {
  return Object.assign(new SessionType(), row, { id: globalId('Session', id), uuid: id });
}
