import { expect, test } from 'vitest';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { estimateSeconds } from '../../../src/experiments/estimate-time.js';
import { miniLmConfig } from '../../support/mini-lm.js';
import { type hyperparameters, languageModellingSpec, supervisedSpec } from '../../support/specs.js';

const miniLm = { config: miniLmConfig, layers: layersOf(miniLmConfig, { pooler: true }) };

const tokens = {
  sampledExamples: 100,
  mean: 128,
  median: 128,
  longest: 128,
  meanAfterTruncation: 128,
  truncatedShare: 0,
};
const data = { trainExamples: 1000, tokens };
const lora = {
  rank: 8,
  alpha: 16,
  rankStabilized: false,
  dropout: 0,
  targetModules: ['query', 'value'],
  frozenWeights: 'float32' as const,
};
const secondsOf = (h: Partial<typeof hyperparameters>) =>
  estimateSeconds(supervisedSpec({ hyperparameters: { maxLength: 128, ...h } }), miniLm, data, 2);

test('is within a factor of three of what was measured: MiniLM in full, 23.2 examples of 128 tokens a second', () => {
  const ratio = secondsOf({}) / (1000 / 23.2);
  expect(ratio).toBeGreaterThan(1 / 3);
  expect(ratio).toBeLessThan(3);
});

test('grows with epochs and examples, and shrinks with processors, an adapter and frozen layers', () => {
  expect(secondsOf({ epochs: 3 })).toBeCloseTo(3 * secondsOf({}));
  expect(secondsOf({ adapter: lora })).toBeCloseTo((2 / 3) * secondsOf({}));
  expect(secondsOf({ freeze: { kind: 'prefix', layers: 3 } })).toBeLessThan(secondsOf({}));
  const spec = supervisedSpec({ hyperparameters: { maxLength: 128 } });
  expect(estimateSeconds(spec, miniLm, data, 4)).toBeCloseTo(secondsOf({}) / 2);
  expect(estimateSeconds(spec, miniLm, { ...data, trainExamples: 2000 }, 2)).toBeCloseTo(2 * secondsOf({}));
});

test('heads over a frozen encoder read the texts once, whatever the epochs', () => {
  const frozen = secondsOf({ freeze: { kind: 'encoder' } });
  expect(frozen).toBeCloseTo(secondsOf({}) / 3);
  expect(secondsOf({ freeze: { kind: 'encoder' }, epochs: 40 })).toBe(frozen);
});

test('language modelling adds the logits of what is predicted', () => {
  const masked = (share: number) =>
    estimateSeconds(languageModellingSpec({ masking: { share, wholeWords: false } }), miniLm, data, 2);
  expect(masked(0.3) - masked(0.15)).toBeCloseTo((1000 * 128 * 0.15 * 3 * 2 * 384 * 30_522) / 1e11);
});
