import { expect, test } from 'vitest';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { estimateTime } from '../../../src/experiments/estimate-time.js';
import { countsOf } from '../../../src/experiments/sample-tokens.js';
import { miniLmConfig } from '../../support/mini-lm.js';
import { type hyperparameters, languageModellingSpec, supervisedSpec } from '../../support/specs.js';

const miniLm = { config: miniLmConfig, layers: layersOf(miniLmConfig, { pooler: true }) };
const lengths = Array.from({ length: 100 }, () => 128);
const data = {
  trainExamples: 1024,
  validationExamples: 64,
  controlExamples: 0,
  reading: { counts: countsOf(lengths, 128, 0), lengths, conversations: null },
};
const one = { engine: 1, script: 1 };
const lora = {
  rank: 8,
  alpha: 16,
  rankStabilized: false,
  dropout: 0,
  targetModules: ['query', 'value'],
  frozenWeights: 'float32' as const,
};
const partsOf = (h: Partial<typeof hyperparameters>) =>
  estimateTime(supervisedSpec({ hyperparameters: { maxLength: 128, ...h } }), miniLm, data, one).parts;

test('MiniLM in full: 11.6 examples of 128 tokens a second and processor were measured', () => {
  const ratio = partsOf({}).updates / (1024 / 11.6);
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.3);
});

test('is the sum of its parts, and half of it on a machine of twice the speed', () => {
  const spec = supervisedSpec({ hyperparameters: { maxLength: 128 } });
  const { seconds, parts } = estimateTime(spec, miniLm, data, one);
  expect(parts.preparing + parts.updates + parts.evaluations + parts.saving).toBeCloseTo(seconds);
  expect(estimateTime(spec, miniLm, data, { engine: 2, script: 2 }).seconds).toBeCloseTo(seconds / 2);
  const more = estimateTime(spec, miniLm, { ...data, trainExamples: 2048 }, one);
  expect(more.parts.updates).toBeCloseTo(2 * parts.updates);
});

test('updates and evaluations come in each epoch, and an evaluation every so many steps', () => {
  const [once, thrice] = [partsOf({}), partsOf({ epochs: 3 })];
  expect(thrice.updates).toBeCloseTo(3 * once.updates);
  expect(thrice.evaluations).toBeCloseTo(3 * once.evaluations);
  // 1024 examples in batches of 8 are 128 updates: evaluations after 50, 100 and 128.
  expect(partsOf({ evaluateEverySteps: 50 }).evaluations).toBeCloseTo(3 * once.evaluations);
});

test('an adapter takes less than all weights, and frozen layers that run once less than those that run in each epoch', () => {
  const all = partsOf({ epochs: 4 });
  expect(partsOf({ epochs: 4, adapter: lora }).updates).toBeLessThan(all.updates);
  const upper = partsOf({ epochs: 4, freeze: { kind: 'prefix', layers: 3 } });
  expect(upper.updates).toBeLessThan(all.updates / 1.9);
  expect(upper.preparing).toBeGreaterThan(all.preparing);
});

test('heads over a frozen encoder read the texts once, whatever the epochs', () => {
  const [few, many] = [1, 40].map((epochs) => partsOf({ epochs, freeze: { kind: 'encoder' } }));
  expect(many!.preparing).toBe(few!.preparing);
  expect(many!.updates).toBeLessThan(few!.preparing);
});

test('batches are padded to their longest text', () => {
  // Batches of 8: texts of 16 tokens fill half of them, those of 128 the others, and none is mixed.
  const mixed = [...Array.from({ length: 50 }, () => 16), ...Array.from({ length: 50 }, () => 128)];
  const reading = { counts: countsOf(mixed, 128, 0), lengths: mixed, conversations: null };
  const spec = supervisedSpec({ hyperparameters: { maxLength: 128 } });
  const ofLength = (length: number) => {
    const all = lengths.map(() => length);
    const alike = { counts: countsOf(all, 128, 0), lengths: all, conversations: null };
    return estimateTime(spec, miniLm, { ...data, reading: alike }, one).parts.updates;
  };
  const { updates } = estimateTime(spec, miniLm, { ...data, reading }, one).parts;
  expect(updates).toBeCloseTo((ofLength(16) + ofLength(128)) / 2);
});

test('language modelling adds the logits of what is predicted', () => {
  const masked = (share: number) => {
    const spec = languageModellingSpec({
      masking: { share, wholeWords: false },
      hyperparameters: { maxLength: 128, epochs: 1 },
    });
    return estimateTime(spec, miniLm, data, one).parts.updates;
  };
  // Forward, and backward towards states and table: 6 operations a weight, and what each logit takes itself.
  const perToken = 6 * 384 * 30_522 * 6.8e-12 + 30_522 * 6.5e-9;
  expect(masked(0.3) - masked(0.15)).toBeCloseTo(1024 * 128 * 0.15 * perToken, 3);
});
