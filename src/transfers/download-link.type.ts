import { Field, Int, ObjectType } from 'type-graphql';
import { checkRange } from '../graphql/check-range.js';
import { DateTime } from '../graphql/scalars.js';
import type { SignedPaths } from './signed-paths.js';

const leastSeconds = 60;
const mostSeconds = 7 * 24 * 3600;
export const defaultLifetimeSeconds = 3600;

@ObjectType('DownloadLink', {
  description:
    'A link that downloads without a credential, for whoever has it, until it expires: to be passed to another program, or to a browser.',
  simpleResolvers: true,
})
export class DownloadLinkType {
  @Field(() => String, { description: 'Where to GET the file: a path on this server, with the signature in it.' })
  url!: string;

  @Field(() => DateTime, { description: 'When the link ceases to work. A download that has begun goes on.' })
  expiresAt!: Date;
}

export const lifetime = {
  type: () => Int,
  description: `How long the link works, in seconds: ${leastSeconds} to ${mostSeconds} (a week).`,
} as const;

/** Throws a GraphQL error BAD_USER_INPUT for a lifetime out of its range. */
export function downloadLink(signed: SignedPaths, path: string, lifetimeSeconds: number): DownloadLinkType {
  checkRange('expiresInSeconds', lifetimeSeconds, leastSeconds, mostSeconds);
  const { path: url, expiresAt } = signed.sign(path, lifetimeSeconds);
  return Object.assign(new DownloadLinkType(), { url, expiresAt });
}
