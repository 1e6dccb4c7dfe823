import type { Incomparable, TokenDifference, TokenMeasure } from '../../src/protocol/evaluation-scores.js';
import { createRandom, uniform } from '../data/random.js';
import { exp } from '../portable-math.js';
import type { PredictedTokens } from './language-scores.js';

/** Keeps the random numbers of samples apart from those of masks. */
const sampleStream = 0x626f6f74;

/** Samples that intervals come from; both ends of an interval have 25 of them beyond. */
const samples = 1000;
const beyond = 25;

/** What two models predicted of one example. */
export interface ComparedExample {
  readonly own: PredictedTokens;
  readonly other: PredictedTokens;
}

export const tokenMeasures = {
  loss: ({ nats, tokens }: PredictedTokens) => nats / tokens,
  /** Beyond all numbers, it is the greatest of them: differences are numbers, too. */
  perplexity: ({ nats, tokens }: PredictedTokens) => Math.min(exp(nats / tokens), Number.MAX_VALUE),
  bitsPerByte: ({ nats, bytes }: PredictedTokens) => nats / Math.LN2 / bytes,
  tokenAccuracy: ({ right, tokens }: PredictedTokens) => right / tokens,
} as const satisfies Readonly<Record<TokenMeasure, unknown>>;

/**
 * Differences of two models on the same examples, the first minus the second, with intervals of 95 % by the paired
 * bootstrap (Efron 1979; Koehn 2004): examples are drawn with replacement, both models are measured on each sample, and
 * the interval leaves 2.5 % of the differences at either end. Examples are drawn, not tokens, since the tokens of one
 * text depend on each other. Time O(1,000 · examples).
 *
 * @param onProgress called after each sample
 */
export function compareTokens(
  examples: readonly ComparedExample[],
  measures: readonly TokenMeasure[],
  seed: number,
  onProgress: () => void,
): TokenDifference[] {
  if (measures.length === 0 || examples.length === 0) return [];
  const columns = [columnsOf(examples.map(({ own }) => own)), columnsOf(examples.map(({ other }) => other))] as const;
  const differencesOf = (places: Uint32Array) => {
    const [own, other] = [sumOf(columns[0], places), sumOf(columns[1], places)];
    return measures.map((measure) => tokenMeasures[measure](own) - tokenMeasures[measure](other));
  };
  const values = differencesOf(Uint32Array.from(examples.keys()));
  const random = createRandom(seed, sampleStream);
  const drawn = measures.map(() => new Float64Array(samples));
  const places = new Uint32Array(examples.length);
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0; i < places.length; i++) places[i] = Math.floor(uniform(random) * places.length);
    for (const [k, value] of differencesOf(places).entries()) drawn[k]![sample] = value;
    onProgress();
  }
  return measures.map((measure, k) => {
    const sorted = drawn[k]!.sort();
    return { measure, value: values[k]!, low: sorted[beyond]!, high: sorted[samples - 1 - beyond]! };
  });
}

/**
 * Why measures do not compare, where they do not: tokens do between models that read the same ones, bytes where the
 * same text is predicted.
 * @param isComplete whether both models predicted tokens of the same examples
 */
export function incomparable(
  examples: readonly ComparedExample[],
  { hasSameTokens, isComplete }: { readonly hasSameTokens: boolean; readonly isComplete: boolean },
): { readonly measure: TokenMeasure; readonly reason: Incomparable }[] {
  const ofTokens = (['loss', 'perplexity', 'tokenAccuracy'] as const).map((measure) => ({
    measure,
    reason: 'otherTokens' as const,
  }));
  const hasBytes = examples.some(({ own }) => own.bytes > 0);
  const isSameText = isComplete && examples.every(({ own, other }) => own.bytes === other.bytes);
  const ofBytes = {
    measure: 'bitsPerByte' as const,
    reason: hasBytes ? ('otherTexts' as const) : ('noBytes' as const),
  };
  return [...(hasSameTokens ? [] : ofTokens), ...(hasBytes && isSameText ? [] : [ofBytes])];
}

type Columns = { readonly [Name in keyof PredictedTokens]: Float64Array };

function columnsOf(examples: readonly PredictedTokens[]): Columns {
  const column = (name: keyof PredictedTokens) => Float64Array.from(examples, (each) => each[name]);
  return { tokens: column('tokens'), nats: column('nats'), right: column('right'), bytes: column('bytes') };
}

function sumOf(columns: Columns, places: Uint32Array): PredictedTokens {
  let [tokens, nats, right, bytes] = [0, 0, 0, 0];
  for (const place of places) {
    tokens += columns.tokens[place]!;
    nats += columns.nats[place]!;
    right += columns.right[place]!;
    bytes += columns.bytes[place]!;
  }
  return { tokens, nats, right, bytes };
}
