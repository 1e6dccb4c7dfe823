import { describe, expect, test } from 'vitest';
import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  loraDefaults,
} from '../../../src/experiments/hyperparameter-defaults.js';
import { tinyBert, tinyManifest } from '../../support/rows.js';

const adapter = { ...loraDefaults, targetModules: ['query'] };
const parts = {
  'all layers': { adapter: null, freeze: { kind: 'none' } },
  'the upper layers': { adapter: null, freeze: { kind: 'prefix', layers: 2 } },
  'an adapter': { adapter, freeze: { kind: 'none' } },
  'heads alone': { adapter: null, freeze: { kind: 'encoder' } },
} as const;
type Part = keyof typeof parts;

const configs = {
  MiniLM: { ...tinyBert.config, hiddenSize: 384 },
  'USE-Lite': { ...tinyManifest.config, hiddenSize: 512 },
  'BERT-base': { ...tinyBert.config, hiddenSize: 768 },
};
type Name = keyof typeof configs;

const trained = (part: Part, name: Name = 'MiniLM') => ({ config: configs[name], ...parts[part] });

describe('the learning rate', () => {
  test.each<[Part, Name, number]>([
    ['all layers', 'MiniLM', 3e-4],
    ['the upper layers', 'MiniLM', 3e-4],
    ['an adapter', 'MiniLM', 2e-3],
    ['heads alone', 'MiniLM', 1e-2],
    ['all layers', 'USE-Lite', 3e-4],
    ['an adapter', 'USE-Lite', 2e-3],
    ['heads alone', 'USE-Lite', 1e-2],
    ['all layers', 'BERT-base', 5e-5],
    ['an adapter', 'BERT-base', 5e-4],
    ['heads alone', 'BERT-base', 1e-2],
  ])('of %s of %s is %d', (part, name, rate) => {
    expect(defaultLearningRate(trained(part, name)).value).toBe(rate);
  });

  test.each([
    ['dpo', 5e-5, 1e-6],
    ['kto', 5e-5, 1e-6],
    ['orpo', 5e-5, 5e-6],
    ['simpo', 5e-5, 1e-6],
    ['cpo', 2e-4, 1e-6],
  ] as const)(
    'of preference optimization by %s is %d, and %d of a wider model; of an adapter ten times as much',
    (objective, narrow, wider) => {
      const rate = (part: Part, name: Name) =>
        defaultLearningRate({ ...trained(part, name), learns: 'preferences', objective }).value;
      expect(rate('all layers', 'MiniLM')).toBe(narrow);
      expect(rate('an adapter', 'MiniLM')).toBeCloseTo(10 * narrow, 10);
      expect(rate('all layers', 'BERT-base')).toBe(wider);
      expect(rate('an adapter', 'BERT-base')).toBeCloseTo(10 * wider, 10);
      const { reason } = defaultLearningRate({ ...trained('an adapter'), learns: 'preferences', objective });
      expect(reason.toLowerCase()).toContain(`trains an adapter of a model 384 wide by ${objective}`);
    },
  );

  test('is told with what was measured, and for wider models with that it was not', () => {
    expect(defaultLearningRate(trained('an adapter')).reason).toBe(
      'Trains an adapter of a model 384 wide: at most 512, which were measured (docs/methods/defaults.md).',
    );
    expect(defaultLearningRate(trained('all layers', 'BERT-base')).reason).toBe(
      'Trains the encoder itself of a model 768 wide: more than the 512 that were measured, so a rate that is usual for BERT-base.',
    );
  });
});

test.each<[Part, number, number]>([
  ['all layers', 1, 16],
  ['the upper layers', 2000, 16],
  ['an adapter', 2000, 16],
  ['an adapter', 2001, 32],
  ['heads alone', 1, 32],
])('the batches of %s on %d examples are of %d', (part, examples, size) => {
  expect(defaultBatchSize(trained(part), examples).value).toBe(size);
});

describe('the epochs', () => {
  const batches = { batchSize: 32, gradientAccumulationSteps: 1 };

  test.each<[Part, number, number]>([
    // One update an epoch: more than the most.
    ['all layers', 20, 100],
    // 5, 11, 32, 94 and 3,125 updates an epoch.
    ['all layers', 150, 40],
    ['all layers', 350, 19],
    ['the upper layers', 350, 19],
    ['an adapter', 350, 23],
    ['heads alone', 350, 30],
    ['all layers', 1000, 7],
    ['an adapter', 1000, 8],
    ['heads alone', 1000, 10],
    ['all layers', 3000, 3],
    ['an adapter', 3000, 3],
    ['heads alone', 3000, 10],
    ['all layers', 100_000, 3],
    ['heads alone', 100_000, 10],
  ])('of %s on %d examples are %d', (part, examples, epochs) => {
    expect(defaultEpochs(trained(part), examples, batches).value).toBe(epochs);
  });

  test('follow the updates: larger or accumulated batches are passed over more often', () => {
    const epochs = (change: object) => defaultEpochs(trained('all layers'), 320, { ...batches, ...change }).value;
    expect(epochs({})).toBe(20);
    expect(epochs({ batchSize: 64 })).toBe(40);
    expect(epochs({ gradientAccumulationSteps: 2 })).toBe(40);
    expect(epochs({ batchSize: 16 })).toBe(10);
  });

  test('have a value that a spec can have even where the batches are refused', () => {
    expect(defaultEpochs(trained('all layers'), 0, { batchSize: 0, gradientAccumulationSteps: 0 }).value).toBe(3);
  });

  test('are told with the updates that they come to', () => {
    const reason = (examples: number) => defaultEpochs(trained('all layers'), examples, batches).reason;
    const aim = 'for the encoder itself the default is about 200 updates (docs/methods/defaults.md).';
    expect(reason(350)).toBe(`350 examples give 11 updates an epoch, and ${aim}`);
    expect(reason(20)).toBe(`20 examples give 1 update an epoch. 100 epochs are the most; ${aim}`);
    expect(reason(100_000)).toBe(`100,000 examples give 3,125 updates an epoch. 3 epochs are the least; ${aim}`);
  });
});
