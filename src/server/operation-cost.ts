import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import type { OperationWeight } from '../graphql/operation-limits.js';
import type { RateLimit, RateState } from './rate-limits.js';

/** A point for each of these that an operation's complexity has begun. */
const complexityPerPoint = 100;
/** What a change costs beyond that: it is written, locked and logged. */
const pointsPerMutation = 9;
/** A document that was faulty was parsed and validated all the same. */
export const pointsOfFault = 1;

/** Points of a rate limit that an operation costs. */
export function pointsOf({ complexity, mutations }: OperationWeight): number {
  return Math.max(1, Math.ceil(complexity / complexityPerPoint)) + pointsPerMutation * mutations;
}

/** Whose points are spent; null: who works on the server's own machine has no limit. */
export function payerOf({ credential, userId }: Viewer): string | null {
  switch (credential.kind) {
    case 'LOCAL':
      return null;
    case 'API_KEY':
      return `key:${credential.id}`;
    case 'SESSION':
      return `user:${userId}`;
    default:
      return credential satisfies never;
  }
}

/** What is left, as headers of an answer: the names that most clients read (draft-ietf-httpapi-ratelimit-headers-06). */
export function rateHeaders(limit: RateLimit, state: RateState): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `${limit.points};w=${limit.windowSeconds}`,
    'ratelimit-limit': String(state.limit),
    'ratelimit-remaining': String(state.remaining),
    'ratelimit-reset': String(state.resetSeconds),
    ...(state.allowed ? {} : { 'retry-after': String(state.resetSeconds) }),
  };
}

/** @param cost points that were asked for; null: it was refused before that was known */
export function rateLimited(limit: RateLimit, state: RateState, cost: number | null): GraphQLError {
  const { resetSeconds } = state;
  const allowance = `${limit.points} points in ${limit.windowSeconds} s`;
  const wanted = cost === null ? '' : ` This operation costs ${cost}.`;
  return new GraphQLError(
    `The rate limit of this credential is used up: ${allowance}.${wanted} Try again in ${resetSeconds} s.`,
    {
      extensions: {
        code: 'RATE_LIMITED',
        limit: limit.points,
        cost,
        retryAfterSeconds: resetSeconds,
        http: { status: 429, headers: new HeaderMap(Object.entries(rateHeaders(limit, state))) },
      },
    },
  );
}
