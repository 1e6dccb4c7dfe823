import { expect, test } from 'vitest';
import { defaultLearningRate, loraDefaults } from '../../../src/experiments/hyperparameter-defaults.js';

const adapter = { ...loraDefaults, targetModules: ['query'] };

test.each([
  { what: 'all of an encoder', architecture: 'bert', adapter: null, freeze: { kind: 'none' }, rate: 5e-5 },
  {
    what: 'its upper layers',
    architecture: 'roberta',
    adapter: null,
    freeze: { kind: 'prefix', layers: 2 },
    rate: 5e-5,
  },
  { what: 'an adapter', architecture: 'distilbert', adapter, freeze: { kind: 'none' }, rate: 5e-4 },
  { what: 'heads alone', architecture: 'bert', adapter: null, freeze: { kind: 'encoder' }, rate: 1e-3 },
  { what: 'USE-Lite', architecture: 'use-lite', adapter: null, freeze: { kind: 'none' }, rate: 3e-4 },
] as const)('training $what starts from a rate of its own', ({ architecture, rate, ...what }) => {
  expect(defaultLearningRate(architecture, { ...what, adapter: what.adapter && adapter }).value).toBe(rate);
});
