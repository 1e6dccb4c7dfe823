import { expect, test } from 'vitest';
import { costOf } from '../../../src/experiments/estimate-cost.js';
import { hyperparameterDefaults } from '../../../src/experiments/hyperparameter-defaults.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { miniLmConfig } from '../../support/mini-lm.js';
import { tinyLlama, tinyManifest } from '../../support/rows.js';
import { multiTaskSpec, policySpec, preferenceOptimizationSpec, supervisedSpec, task } from '../../support/specs.js';

/** An encoder of MiniLM-L6's size: 22.7 M parameters, 6 layers of 384. */
const miniLm = {
  ...tinyManifest,
  config: miniLmConfig,
  layers: [
    { name: 'embeddings', index: 0, parameterCount: 11_920_512, tensors: [] },
    ...Array.from({ length: 6 }, (_, i) => ({
      name: `layer${i}`,
      index: i + 1,
      parameterCount: 1_774_464,
      tensors: [],
    })),
    { name: 'pooling', index: 7, parameterCount: 147_840, tensors: [] },
  ],
};
const counts = { labelled: { train: 100, validation: 10 }, labels: {}, splitsWithLists: {} };
const hyperparameters: Hyperparameters = {
  ...hyperparameterDefaults,
  epochs: 1,
  dropout: 0,
  pooling: null,
  learningRate: 3e-4,
  truncationSide: 'right',
  batchSize: 16,
  maxLength: 128,
};
const probing: Hyperparameters = { ...hyperparameters, freeze: { kind: 'encoder' } };
const spec = supervisedSpec({ hyperparameters });

test('memory is near what was measured for a model of this size: 0.94 GB', () => {
  const { estimatedMemoryBytes } = costOf(spec, miniLm, counts);
  expect(estimatedMemoryBytes / 0.94e9).toBeGreaterThan(0.95);
  expect(estimatedMemoryBytes / 0.94e9).toBeLessThan(1.1);
});

test('a linear probe trains the head alone, and needs far less', () => {
  const plan = costOf(supervisedSpec({ hyperparameters: probing }), miniLm, counts);
  // 2 labels × (384 weights + 1 bias); a checkpoint holds value and two moments of each, 4 bytes a number.
  expect(plan.trainableParameters).toBe(770);
  expect(plan.estimatedCheckpointBytes).toBe(9240);
  expect(plan.estimatedMemoryBytes).toBeLessThan(costOf(spec, miniLm, counts).estimatedMemoryBytes / 2);
});

test('several heads with learnt weights add one number a task', () => {
  const several = multiTaskSpec({
    tasks: [task('a', ['1', '2']), task('b', ['1', '2', '3'])],
    lossWeighting: 'uncertainty',
    hyperparameters: probing,
  });
  expect(costOf(several, miniLm, counts).trainableParameters).toBe(2 * 385 + 3 * 385 + 2);
});

test('a policy has its reference in memory beside it, and preference optimization has not', () => {
  const policy = policySpec({ hyperparameters });
  const large = { layers: [{ name: 'layers', index: 1, parameterCount: 1e9, tensors: [] }] };
  const bytes = (spec: Parameters<typeof costOf>[0], beside?: Parameters<typeof costOf>[4]) =>
    costOf(spec, tinyLlama, counts, undefined, beside).estimatedMemoryBytes;
  const none = { reference: { layers: [] } };
  expect(bytes(policy, { reference: large }) - bytes(policy, none)).toBe(4e9);
  // The base model, where no other one is named: its weights, and what the graph makes of them.
  const ofBase = tinyLlama.layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
  expect(bytes(policy) - bytes(policy, none)).toBe(Math.ceil(3.6 * 4 * ofBase));
  const preferences = preferenceOptimizationSpec({ hyperparameters });
  expect(bytes(preferences, { reference: large })).toBe(bytes(preferences));
});

test('a policy has the models of its rewards in memory, near what was measured for one of 21.5 million numbers', () => {
  const policy = policySpec({ hyperparameters });
  const encoder = { layers: [{ name: 'layers', index: 1, parameterCount: 21_546_624, tensors: [] }] };
  const bytes = (...scoring: (typeof encoder)[]) =>
    costOf(policy, tinyLlama, counts, undefined, { scoring }).estimatedMemoryBytes;
  // Each further one took 284 MB (a BERT of 12 layers, 384 wide).
  const ratio = (bytes(encoder) - bytes()) / 2 ** 20 / 284;
  expect(ratio).toBeGreaterThan(0.95);
  expect(ratio).toBeLessThan(1.2);
  expect(bytes(encoder, encoder) - bytes(encoder)).toBe(bytes(encoder) - bytes());
});
