import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { messageOf } from '../protocol/message-of.js';
import type { NetworkRules } from './network-rules.js';

export const sendTimeoutMs = 10_000;
const maxExcerptBytes = 4096;

/** Why an attempt failed. */
export type AttemptFailure = 'BLOCKED' | 'UNREACHABLE' | 'TIMED_OUT' | 'REFUSED' | 'INTERRUPTED' | 'SECRET_UNREADABLE';

/** The outcome of an attempt. */
export interface AttemptOutcome {
  /** Null: the delivery succeeded. */
  readonly failure: AttemptFailure | null;
  /** The failure in words; null when the delivery succeeded. */
  readonly message: string | null;
  readonly durationMs: number;
  /** Null: no response came. */
  readonly statusCode: number | null;
  /** The beginning of the response's body; null without one. */
  readonly responseExcerpt: string | null;
}

interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookSender {
  /** POSTs once. Never throws: a failure is an outcome. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<AttemptOutcome>;
  /** Ends every connection. */
  close(): Promise<void>;
}

class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
}

/**
 * Sends requests to addresses that the rules allow. Addresses are checked when a connection is made: each address that
 * the name resolves to, and the one that was connected. So a name that is redirected between check and use gains
 * nothing. Redirects are not followed, and proxies are not used.
 */
export function createWebhookSender(options: {
  readonly rules: NetworkRules;
  readonly timeoutMs?: number;
  /** Resolves names; by default the system's resolver. */
  readonly lookup?: typeof dnsLookup;
}): WebhookSender {
  const { rules, timeoutMs = sendTimeoutMs, lookup = dnsLookup } = options;
  const connect = buildConnector({ timeout: timeoutMs, lookup: vettedLookup(rules, lookup) });
  const agent = new Agent({
    connect(target, callback) {
      // Node does not look up literal addresses, so they are checked here.
      if (isIP(target.hostname) !== 0 && !rules.allows(target.hostname, target.hostname)) {
        callback(blocked(target.hostname), null);
        return;
      }
      connect(target, (error, socket) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        if (!rules.allows(target.hostname, socket.remoteAddress ?? '')) {
          socket.destroy();
          callback(blocked(target.hostname), null);
          return;
        }
        callback(null, socket);
      });
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  return {
    async send({ url, headers, body }, signal) {
      const startedAt = performance.now();
      const timeout = AbortSignal.timeout(timeoutMs);
      const durationMs = () => Math.round(performance.now() - startedAt);
      try {
        const response = await request(url, {
          method: 'POST',
          headers,
          body,
          dispatcher: agent,
          signal: AbortSignal.any([timeout, signal]),
        });
        const { statusCode } = response;
        const responseExcerpt = await readExcerpt(response.body);
        const delivered = statusCode >= 200 && statusCode < 300;
        return {
          failure: delivered ? null : 'REFUSED',
          message: delivered ? null : refusalOf(statusCode),
          durationMs: durationMs(),
          statusCode,
          responseExcerpt,
        };
      } catch (error) {
        const failed = { durationMs: durationMs(), statusCode: null, responseExcerpt: null };
        if (signal.aborted)
          return { ...failed, failure: 'INTERRUPTED', message: 'The server was stopped before a response came.' };
        if (timeout.aborted)
          return { ...failed, failure: 'TIMED_OUT', message: `No response came within ${timeoutMs} ms.` };
        const cause = rootOf(error);
        if (cause instanceof BlockedAddress) return { ...failed, failure: 'BLOCKED', message: cause.message };
        return { ...failed, failure: 'UNREACHABLE', message: reasonOf(cause) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** Resolves names, and fails when any address of a name is one that the rules do not allow. */
function vettedLookup(rules: NetworkRules, lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => !rules.allows(hostname, address))) {
        callback(blocked(hostname), '', 0);
        return;
      }
      if (options.all === true) callback(null, addresses as LookupAddress[]);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * The message does not name the address: not everyone who sets up a webhook may know what names mean in the server's
 * network.
 */
function blocked(host: string): BlockedAddress {
  return new BlockedAddress(
    `${host} has an address in a private network, and webhooks are not delivered to private networks.`,
  );
}

function refusalOf(statusCode: number): string {
  if (statusCode >= 300 && statusCode < 400) return `The response was ${statusCode}: redirects are not followed.`;
  return `The response was ${statusCode}.`;
}

/** Reads only the excerpt and then closes the connection. If the body breaks off, the excerpt is what came before. */
async function readExcerpt(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxExcerptBytes) break;
    }
  } catch {
    // A body that breaks off does not matter: the status is known, and it decides.
  }
  // PostgreSQL's text has no NUL.
  return Buffer.concat(chunks).subarray(0, maxExcerptBytes).toString('utf8').replaceAll('\0', '\uFFFD');
}

/** The error of the first address when several failed, or the innermost cause of the error. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return rootOf(error.cause);
  return error;
}

/** The reason in words. Errors with a code get a fixed text, because the system's messages name addresses. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the host does not resolve.';
    case 'ECONNREFUSED':
      return 'The host refused the connection.';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'The connection broke off before a response came.';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'The host did not answer.';
    default:
      return `The request failed: ${code ?? messageOf(error)}.`;
  }
}
