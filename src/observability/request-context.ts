import { randomUUID } from 'node:crypto';
import type { TracedRequest } from './tracing.js';

/** What the lines of the log say of the request that they come from. */
export interface RequestContext {
  readonly id: string;
  /** The id that the client of a WebSocket gave its operation; null: the request is no such operation. */
  readonly operationId: string | null;
  /** Where its spans belong; null: it is in no trace. */
  readonly traced: TracedRequest | null;
}

/** Ids that may stand in a header, a line of the log and a row: no spaces, no quotes, nothing that breaks a log. */
const wellFormed = /^[\w.:/+=@-]{1,128}$/;

/** The id that a client gave, where it is well formed; else null. */
export function givenRequestId(given: unknown): string | null {
  return typeof given === 'string' && wellFormed.test(given) ? given : null;
}

/** A request by the id that its client gave, or by one that is made for it. */
export function openRequest(given: unknown): RequestContext {
  return { id: givenRequestId(given) ?? randomUUID(), operationId: null, traced: null };
}
