import { type Agent, request } from 'undici';
import { BlockedAddress, reasonOf, rootOf } from '../../src/outbound/vetted-agent.js';
import { rewardLimits } from '../../src/protocol/rewards/reward-limits.js';

/** The outcome of a request. */
export type Posted =
  | { readonly kind: 'answered'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Whether the same request may succeed later. */
      readonly mayPass: boolean;
      /** What the receiver asked for; null: nothing. */
      readonly retryAfterMs: number | null;
    };

/** Statuses that say “later”, beside those from 500 on. */
const passing = new Set([408, 425, 429]);

/**
 * POSTs once, within `timeoutMs` for the whole answer. Redirects are not followed. An answer above
 * `rewardLimits.maxResponseBytes` is a failure. Throws only where `signal` aborts.
 */
export async function postJson(
  options: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly agent: Agent;
    readonly timeoutMs: number;
  },
  signal: AbortSignal,
): Promise<Posted> {
  const { url, headers, body, agent, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const fail = (message: string, mayPass: boolean, retryAfterMs: number | null = null): Posted => ({
    kind: 'failed',
    message,
    mayPass,
    retryAfterMs,
  });
  try {
    const response = await request(url, {
      method: 'POST',
      headers,
      body,
      dispatcher: agent,
      signal: AbortSignal.any([timeout, signal]),
    });
    const { statusCode } = response;
    if (statusCode < 200 || statusCode >= 300) {
      await response.body.dump({ limit: 4096 }).catch(() => undefined);
      const redirects = statusCode >= 300 && statusCode < 400 ? ', and redirects are not followed' : '';
      const seconds = Number(response.headers['retry-after']);
      const after = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
      return fail(
        `its answer has the status ${statusCode}${redirects}.`,
        passing.has(statusCode) || statusCode >= 500,
        after,
      );
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > rewardLimits.maxResponseBytes) {
        return fail(`its answer is larger than ${rewardLimits.maxResponseBytes} bytes.`, false);
      }
      chunks.push(chunk);
    }
    return { kind: 'answered', text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    if (signal.aborted) throw error;
    if (timeout.aborted) return fail(`no answer came within ${timeoutMs} ms.`, true);
    const cause = rootOf(error);
    if (cause instanceof BlockedAddress) {
      return fail(`${cause.message} ATTUNE_WEBHOOK_ALLOW_PRIVATE of the worker can allow it.`, false);
    }
    return fail(reasonOf(cause), true);
  }
}
