/** What a metric's path means: its unit, the split it is about, and which direction is better. */
export interface MetricDefinition {
  readonly key: string;
  readonly unit: 'NATS' | 'RATIO' | 'BITS_PER_BYTE' | 'EXAMPLES_PER_SECOND' | 'TOKENS_PER_SECOND' | 'NONE';
  readonly direction: 'HIGHER_IS_BETTER' | 'LOWER_IS_BETTER' | 'NEITHER';
  readonly split: string;
  readonly task: string | null;
}

const measures: Readonly<Record<string, Pick<MetricDefinition, 'unit' | 'direction'>>> = {
  loss: { unit: 'NATS', direction: 'LOWER_IS_BETTER' },
  accuracy: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  precision: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  recall: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  f1: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  subsetAccuracy: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  microF1: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  samplesF1: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  averagePrecision: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  mse: { unit: 'NONE', direction: 'LOWER_IS_BETTER' },
  rmse: { unit: 'NONE', direction: 'LOWER_IS_BETTER' },
  mae: { unit: 'NONE', direction: 'LOWER_IS_BETTER' },
  r2: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  pearson: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  spearman: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  perplexity: { unit: 'NONE', direction: 'LOWER_IS_BETTER' },
  bitsPerByte: { unit: 'BITS_PER_BYTE', direction: 'LOWER_IS_BETTER' },
  tokenAccuracy: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  reward: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  control: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  preferenceAccuracy: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  preferenceMargin: { unit: 'NATS', direction: 'HIGHER_IS_BETTER' },
  kl: { unit: 'NATS', direction: 'NEITHER' },
  klOfCompletion: { unit: 'NATS', direction: 'NEITHER' },
  entropy: { unit: 'NATS', direction: 'NEITHER' },
  logProbabilityGap: { unit: 'NATS', direction: 'LOWER_IS_BETTER' },
  equalGroups: { unit: 'RATIO', direction: 'LOWER_IS_BETTER' },
  truncatedShare: { unit: 'RATIO', direction: 'NEITHER' },
  repetition: { unit: 'RATIO', direction: 'LOWER_IS_BETTER' },
  clippedLow: { unit: 'RATIO', direction: 'NEITHER' },
  clippedHigh: { unit: 'RATIO', direction: 'NEITHER' },
  valueClipped: { unit: 'RATIO', direction: 'NEITHER' },
  explainedVariance: { unit: 'RATIO', direction: 'HIGHER_IS_BETTER' },
  valueLoss: { unit: 'NONE', direction: 'LOWER_IS_BETTER' },
  rewardMargin: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  chosenReward: { unit: 'NONE', direction: 'HIGHER_IS_BETTER' },
  rejectedReward: { unit: 'NONE', direction: 'NEITHER' },
  chosenLogProbability: { unit: 'NATS', direction: 'HIGHER_IS_BETTER' },
  rejectedLogProbability: { unit: 'NATS', direction: 'NEITHER' },
  tokenLogProbabilityMargin: { unit: 'NATS', direction: 'HIGHER_IS_BETTER' },
  chosenLength: { unit: 'NONE', direction: 'NEITHER' },
  rejectedLength: { unit: 'NONE', direction: 'NEITHER' },
  rewardLengthCorrelation: { unit: 'NONE', direction: 'NEITHER' },
  lossWeight: { unit: 'NONE', direction: 'NEITHER' },
  learningRate: { unit: 'NONE', direction: 'NEITHER' },
  gradientNorm: { unit: 'NONE', direction: 'NEITHER' },
  examplesPerSecond: { unit: 'EXAMPLES_PER_SECOND', direction: 'HIGHER_IS_BETTER' },
  tokensPerSecond: { unit: 'TOKENS_PER_SECOND', direction: 'HIGHER_IS_BETTER' },
};

/** Definitions of keys that were read: a page shows the same few keys hundreds of times. */
const known = new Map<string, MetricDefinition>();
const maxKnown = 1_000;

/** Reads `split/measure` or `split/task/measure`; an unknown measure has no unit and no direction. */
export function defineMetric(key: string): MetricDefinition {
  const found = known.get(key);
  if (found !== undefined) return found;
  const definition = readDefinition(key);
  // Keys are made up by those who train.
  if (known.size >= maxKnown) known.clear();
  known.set(key, definition);
  return definition;
}

function readDefinition(key: string): MetricDefinition {
  const parts = key.split('/');
  const measure = parts.at(-1) ?? key;
  return {
    key,
    ...(measures[measure] ?? { unit: 'NONE', direction: 'NEITHER' }),
    split: parts[0] ?? key,
    task: parts.length > 2 ? parts.slice(1, -1).join('/') : null,
  };
}
