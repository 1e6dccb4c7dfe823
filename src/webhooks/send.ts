import { lookup as dnsLookup } from 'node:dns';
import { request } from 'undici';
import type { NetworkRules } from '../outbound/network-rules.js';
import { BlockedAddress, createVettedAgent, reasonOf, rootOf } from '../outbound/vetted-agent.js';

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

/** Sends requests to addresses that the rules allow. */
export function createWebhookSender(options: {
  readonly rules: NetworkRules;
  readonly timeoutMs?: number;
  /** Resolves names; by default the system's resolver. */
  readonly lookup?: typeof dnsLookup;
}): WebhookSender {
  const { rules, timeoutMs = sendTimeoutMs, lookup = dnsLookup } = options;
  const agent = createVettedAgent({ rules, timeoutMs, lookup });

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
        if (cause instanceof BlockedAddress) return { ...failed, failure: 'BLOCKED', message: blocked(cause.host) };
        return { ...failed, failure: 'UNREACHABLE', message: reasonOf(cause) };
      }
    },
    close: () => agent.destroy(),
  };
}

/**
 * The message does not name the address: not everyone who sets up a webhook may know what names mean in the server's
 * network.
 */
function blocked(host: string): string {
  return `${host} has an address in a private network, and webhooks are not delivered to private networks.`;
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
