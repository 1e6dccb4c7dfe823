import type { MetricSample } from '../../src/protocol/run-event.js';
import { exp } from '../portable-math.js';
import { metricSample } from './metric-samples.js';

/** Sums over the tokens that a language model predicted. */
export interface PredictedTokens {
  readonly tokens: number;
  /** Σ −ln p of the tokens that stood there. */
  readonly nats: number;
  /** Tokens than which no other was more probable. */
  readonly right: number;
  /** Bytes of the predicted texts in UTF-8. */
  readonly bytes: number;
}

/**
 * Under `prefix`: the mean loss of a token in nats, its exponential, the perplexity; bits a byte, which compares models
 * with different vocabularies; and the share of tokens that were predicted right. Without tokens all but the loss of 0
 * are left out.
 */
export function languageSamples(prefix: string, { tokens, nats, right, bytes }: PredictedTokens): MetricSample[] {
  if (tokens === 0) return [metricSample(`${prefix}/loss`, 0)];
  const loss = nats / tokens;
  return [
    metricSample(`${prefix}/loss`, loss),
    metricSample(`${prefix}/perplexity`, exp(loss)),
    ...(bytes === 0 ? [] : [metricSample(`${prefix}/bitsPerByte`, nats / Math.LN2 / bytes)]),
    metricSample(`${prefix}/tokenAccuracy`, right / tokens),
  ];
}
