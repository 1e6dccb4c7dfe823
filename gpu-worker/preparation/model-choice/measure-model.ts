import { performance } from 'node:perf_hooks';
import type { ModelEvidence, ProbeEvidence, ReadingEvidence } from '../../../src/protocol/recommendation/evidence.js';
import { ProblemError } from '../../problem-error.js';
import { type ModelReading, measureWords } from '../report/words.js';
import type { FrozenReading } from './frozen-features.js';
import { type HeadProbe, probeModel } from './probe-model.js';
import type { ProbeSample } from './probe-sample.js';
import { meanOf, standardErrorOf } from './probe-scores.js';

/** What was measured of a model, with the gain of each example, by which models are compared. */
export interface MeasuredModel {
  readonly evidence: ModelEvidence;
  /** Null where the score is no mean over examples. */
  readonly gains: Float64Array | null;
}

/**
 * Measures how a model reads a sample, and what it is worth for the task.
 * Errors: ProblemError INVALID_MODEL; INVALID_VALUE where there is nothing to tell apart.
 */
export async function measureModel(
  frozen: FrozenReading,
  words: ModelReading,
  sample: ProbeSample,
): Promise<MeasuredModel> {
  const reading = measureReading(words, sample, frozen.maxLength, frozen.beat);
  const begin = performance.now();
  const probes = (await probeModel(frozen, sample)).filter((probe) => probe !== null);
  const seconds = (performance.now() - begin) / 1000;
  const [first, ...others] = probes;
  if (first === undefined) {
    const message = 'In the sample, the targets do not differ: there is nothing to tell models by.';
    throw new ProblemError({ path: ['method'], code: 'INVALID_VALUE', message, hint: null });
  }
  const probe = others.length === 0 ? evidenceOf(first) : meanEvidence(probes);
  return { evidence: { reading, probe: { ...probe, seconds } }, gains: others.length === 0 ? first.gains : null };
}

function evidenceOf({ measure, gains, baseline, logMe }: HeadProbe): Omit<ProbeEvidence, 'seconds'> {
  const standardError = standardErrorOf(gains);
  return { measure, score: meanOf(gains), standardError, baseline, examples: gains.length, logMe };
}

function meanEvidence(probes: readonly HeadProbe[]): Omit<ProbeEvidence, 'seconds'> {
  const all = probes.map(evidenceOf);
  const mean = (numberOf: (each: (typeof all)[number]) => number) =>
    all.reduce((sum, each) => sum + numberOf(each), 0) / all.length;
  return {
    measure: 'MEAN_OF_TASKS',
    score: mean(({ score }) => score),
    standardError: Math.sqrt(mean(({ standardError }) => standardError ** 2) / all.length),
    baseline: mean(({ baseline }) => baseline ?? 0),
    examples: Math.max(...all.map(({ examples }) => examples)),
    logMe: mean(({ logMe }) => logMe ?? 0),
  };
}

function measureReading(
  model: ModelReading,
  { texts, pairs }: ProbeSample,
  maxLength: number,
  beat: () => void,
): ReadingEvidence {
  const [split, columns] = ['', pairs === null ? ['text'] : ['text', 'pair']];
  const words = measureWords(columns, [...columns.keys()], { ...model, maxLength });
  for (const [row, text] of texts.entries()) {
    if (row % 64 === 0) beat();
    words.read({ row, split, texts: pairs === null ? [text] : [text, pairs[row]!] });
  }
  const { tokensPerWord, unknownShare } = words.vocabulary()!;
  const tokens = words.lengths().find(({ unit }) => unit === 'TOKENS')!;
  const quantile = (at: number) => tokens.quantiles.find((each) => each.at === at)!.length;
  return {
    texts: tokens.texts,
    tokensPerWord,
    unknownShare,
    medianTokens: quantile(0.5),
    percentile95Tokens: quantile(0.95),
    maxLength,
    truncatedShare: tokens.truncation!.share,
  };
}
