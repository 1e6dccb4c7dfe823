import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import type { OperationWeight } from '../graphql/operation-limits.js';
import type { RateLimit, RateState } from './rate-limits.js';

/** Each started portion of this much complexity costs a point. */
const complexityPerPoint = 100;
/** Extra points for a mutation, which writes, locks and logs. */
const pointsPerMutation = 9;
/** What a query adds to its complexity in order to cost as much as a mutation. */
export const mutationComplexity = complexityPerPoint * pointsPerMutation;
/** Points for a faulty document: it was parsed and validated all the same. */
export const pointsOfFault = 1;

/** Points of the rate limit that an operation costs. */
export function pointsOf({ complexity, mutations }: OperationWeight): number {
  return Math.max(1, Math.ceil(complexity / complexityPerPoint)) + pointsPerMutation * mutations;
}

/** The name whose points are spent; null: a viewer on the server's own machine has no limit. */
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

/**
 * The remaining points as headers of an answer, with the names that most clients read
 * (draft-ietf-httpapi-ratelimit-headers-06).
 */
export function rateHeaders(limit: RateLimit, state: RateState): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `${limit.points};w=${limit.windowSeconds}`,
    'ratelimit-limit': String(state.limit),
    'ratelimit-remaining': String(state.remaining),
    'ratelimit-reset': String(state.resetSeconds),
    ...(state.allowed ? {} : { 'retry-after': String(state.resetSeconds) }),
  };
}

/** @param cost points that the operation needed; null: it was refused before its cost was known */
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
