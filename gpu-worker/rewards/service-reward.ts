import { randomUUID } from 'node:crypto';
import { createNetworkRules, parsePrivateAllowance } from '../../src/outbound/network-rules.js';
import { checkOfKey, serviceKey } from '../../src/outbound/reward-secret.js';
import { signatureHeaders } from '../../src/outbound/signature.js';
import { createVettedAgent } from '../../src/outbound/vetted-agent.js';
import { rewardLimits } from '../../src/protocol/rewards/reward-limits.js';
import type { RewardSource } from '../../src/protocol/rewards/reward-spec.js';
import type { Completion } from '../../src/protocol/rewards/scored-completion.js';
import { ProblemError } from '../problem-error.js';
import type { OpenSource, RewardTools } from './open-source.js';
import { type Posted, postJson } from './post-json.js';
import { readRewards } from './read-rewards.js';

/** Version of the body's format; a service that checks it survives a later format. */
const bodyVersion = 1;
/** How often a request that takes long gives a sign of life. */
const beatMs = 1_000;

type Service = RewardSource & { readonly kind: 'service' };

/**
 * Asks a service over HTTP, batch after batch, and signs each request as webhooks are signed. What failed in passing is
 * tried again, with the same `webhook-id`; what a repetition can not cure fails at once.
 *
 * @throws ProblemError REWARD_SERVICE_FAILED
 */
export function openServiceReward(
  service: Service,
  { services, beat }: Pick<RewardTools, 'services' | 'beat'>,
  delays = { firstMs: 500, mostMs: 15_000 },
): OpenSource {
  const rewardKey = Buffer.from(services.rewardKey, 'base64');
  if (checkOfKey(rewardKey) !== service.keyCheck) {
    const hint = 'Give the worker the same ATTUNE_SECRET, or ATTUNE_HOME, as the API.';
    throw failed('This worker has another secret than the API, and can not sign requests to the service.', hint);
  }
  const rules = createNetworkRules(parsePrivateAllowance(services.allowPrivate) ?? []);
  const agent = createVettedAgent({ rules, timeoutMs: service.timeoutMs });
  const key = serviceKey(rewardKey, service);

  async function ask(completions: readonly Completion[]): Promise<readonly number[]> {
    const id = `rwd_${randomUUID()}`;
    const body = bodyOf(id, completions);
    if (Buffer.byteLength(body) > rewardLimits.maxRequestBytes) {
      if (completions.length === 1) {
        throw failed(`A completion and its row are larger than ${rewardLimits.maxRequestBytes} bytes.`);
      }
      const half = Math.ceil(completions.length / 2);
      return [...(await ask(completions.slice(0, half))), ...(await ask(completions.slice(half)))];
    }
    for (let attempt = 0; ; attempt++) {
      const timestampSeconds = Math.floor(Date.now() / 1000);
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Attune',
        ...signatureHeaders({ id, timestampSeconds, body }, [key]),
      };
      const { url, timeoutMs } = service;
      const posted = await beating((signal) => postJson({ url, headers, body, agent, timeoutMs }, signal), beat);
      if (posted.kind === 'answered') {
        const read = readRewards(posted.text, completions.length);
        if (typeof read === 'string') throw failed(`The service answers what are no rewards: ${read}.`, formHint);
        return read;
      }
      if (!posted.mayPass || attempt >= service.retries) throw failed(reasonOf(posted, attempt + 1));
      const delayMs = Math.max(posted.retryAfterMs ?? 0, delays.firstMs * 2 ** attempt);
      await beating((signal) => pause(Math.min(delayMs, delays.mostMs), signal), beat);
    }
  }

  return {
    async score(completions) {
      const values: number[] = [];
      for (let start = 0; start < completions.length; start += service.batchSize) {
        values.push(...(await ask(completions.slice(start, start + service.batchSize))));
        beat();
      }
      return Float64Array.from(values);
    },
    release: () => agent.destroy(),
  };
}

const formHint = 'It must answer {"rewards": […]}, a finite number or null for each completion, in their order.';

function bodyOf(id: string, completions: readonly Completion[]): string {
  return JSON.stringify({
    version: bodyVersion,
    type: 'reward',
    id,
    completions: completions.map(({ prompt, text, tokenCount, row }) => ({
      prompt: prompt.kind === 'text' ? prompt.text : null,
      messages: prompt.kind === 'messages' ? prompt.messages : null,
      completion: text,
      tokenCount,
      row,
    })),
  });
}

function reasonOf({ message }: Posted & { readonly kind: 'failed' }, attempts: number): string {
  return `The reward service failed${attempts === 1 ? '' : ` ${attempts} times`}: ${message}`;
}

function failed(message: string, hint: string | null = null): ProblemError {
  return new ProblemError({ path: ['service'], code: 'REWARD_SERVICE_FAILED', message, hint });
}

/** Gives signs of life while something is awaited, and aborts it when the job has to stop. */
async function beating<Result>(work: (signal: AbortSignal) => Promise<Result>, beat: () => void): Promise<Result> {
  const stop = new AbortController();
  const wish: { error: unknown } = { error: null };
  const timer = setInterval(() => {
    try {
      beat();
    } catch (error) {
      wish.error = error;
      stop.abort();
    }
  }, beatMs);
  try {
    return await work(stop.signal);
  } catch (error) {
    throw wish.error ?? error;
  } finally {
    clearInterval(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
