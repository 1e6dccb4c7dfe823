import 'reflect-metadata';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configurationOf, pathsOfNulls } from '../../../src/experiments/clone.js';
import { resolveSpec } from '../../../src/experiments/resolve-spec.js';
import { type ClassWeights, type TargetHeadSpec, weightRange } from '../../../src/protocol/heads.js';
import { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { RunSpec } from '../../../src/protocol/methods/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { digest, tinyBert, tinyManifest, topicColumns } from '../../support/rows.js';

const column = <Type extends string>(name: string, type: Type) =>
  ({ name, type, missing: 0, distinct: 100, labels: null }) as const;
const others = [
  column('second', 'TEXT'),
  column('topics', 'TEXT_LIST'),
  column('tags', 'TEXT_LIST'),
  column('score', 'FLOAT'),
  column('length', 'INTEGER'),
];
const version = {
  digest: digest('data'),
  columns: [...topicColumns.map((each) => ({ ...each, labels: null })), ...others],
  splits: ['train', 'validation', 'test'].map((name) => ({ name, exampleCount: 10 })),
};
const summary = (split: string) => ({
  split,
  position: 0,
  count: 10,
  minimum: 0,
  maximum: 1,
  mean: 0.5,
  standardDeviation: 0.1,
  missing: 0,
  nonFinite: 0,
});
const labelled = (column: string, labels: readonly string[]) => [
  column,
  ['train', 'validation', 'test'].flatMap((split) => labels.map((label) => ({ split, label, count: 5 }))),
];
const facts = {
  counts: {
    labelled: { train: 10, validation: 10, test: 10 },
    labels: Object.fromEntries([
      labelled('label', ['ham', 'spam']),
      labelled('stars', ['1', '2', '3']),
      labelled('topics', ['art', 'sport']),
      labelled('tags', ['B-PER', 'I-PER', 'O']),
    ]),
    splitsWithLists: { topics: ['train', 'validation', 'test'] },
  },
  numbers: Object.fromEntries(['score', 'length'].map((name) => [name, ['train', 'validation', 'test'].map(summary)])),
  unequalWords: {},
};
const use: ModelManifest = { ...tinyManifest, contextLength: 8192 };
const bert: ModelManifest = { ...tinyBert, contextLength: 8192 };

const positive = (max: number) => fc.double({ min: Number.MIN_VALUE, max, noNaN: true });
const lossWeight = fc.double({ min: weightRange.least, max: weightRange.most, noNaN: true });
const share = fc.double({ min: 0, max: 0.99, noNaN: true });
const dropout = fc.double({ min: 0, max: 0.9, noNaN: true });
const threshold = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const count = (max: number) => fc.integer({ min: 1, max });

const classWeights = (labels: readonly string[]): fc.Arbitrary<ClassWeights> =>
  fc.oneof(
    fc.constantFrom<ClassWeights>({ kind: 'none' }, { kind: 'balanced' }),
    fc
      .subarray([...labels], { minLength: 1 })
      .chain((some) => fc.tuple(...some.map((label) => lossWeight.map((weight) => ({ label, weight })))))
      .map((weights) => ({ kind: 'explicit', weights }) as const),
  );

const classification = (labelColumn: string, labels: string[]): fc.Arbitrary<TargetHeadSpec> =>
  classWeights(labels).map((weights) => ({ kind: 'classification', labelColumn, labels, classWeights: weights }));

const multiLabel: fc.Arbitrary<TargetHeadSpec> = fc.record({
  kind: fc.constant('multiLabel'),
  labelColumn: fc.constant('topics'),
  labels: fc.constant(['art', 'sport']),
  classWeights: classWeights(['art', 'sport']),
  thresholds: fc.oneof(
    fc.constant({ kind: 'chosen' } as const),
    fc
      .subarray(['art', 'sport'], { minLength: 1 })
      .chain((some) => fc.tuple(...some.map((label) => threshold.map((value) => ({ label, threshold: value })))))
      .map((thresholds) => ({ kind: 'given', thresholds }) as const),
  ),
});

const regression: fc.Arbitrary<TargetHeadSpec> = fc
  .shuffledSubarray(['score', 'length'], { minLength: 1 })
  .map((targetColumns) => ({ kind: 'regression', targetColumns }));

const tagging: fc.Arbitrary<TargetHeadSpec> = fc.record({
  kind: fc.constant('tokenClassification'),
  tagColumn: fc.constant('tags'),
  labels: fc.constant(['B-PER', 'I-PER', 'O']),
  scheme: fc.constantFrom('iob2', 'plain'),
  classWeights: classWeights(['B-PER', 'I-PER', 'O']),
});

const adapter = fc.record(
  {
    rank: count(1024),
    alpha: positive(1000),
    rankStabilized: fc.boolean(),
    dropout: share,
    targetModules: fc.constantFrom(
      ['query', 'value'],
      ['encoder.layer.0.attention.self.query'],
      ['regex:encoder\\.layer\\.\\d+\\.attention\\.self\\.(query|key)'],
    ),
    frozenWeights: fc.constantFrom('float16' as const, 'int8' as const, 'int4' as const),
  },
  { requiredKeys: ['rank', 'alpha', 'rankStabilized', 'dropout', 'targetModules'] },
);

function hyperparameters(model: ModelManifest, metrics: readonly string[]): fc.Arbitrary<Hyperparameters> {
  const isUse = model.config.architecture === 'use-lite';
  return fc
    .record({
      learningRate: positive(1),
      epochs: count(1000),
      batchSize: count(1024),
      gradientAccumulationSteps: count(1024),
      weightDecay: fc.double({ min: 0, max: 1, noNaN: true }),
      beta1: share,
      beta2: share,
      epsilon: positive(1),
      maxGradientNorm: fc.option(positive(100)),
      warmupRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      schedule: fc.constantFrom('constant', 'linear', 'cosine'),
      // Of USE_LITE never null: it has none of its own.
      dropout: isUse ? dropout : fc.option(dropout),
      maxLength: fc.integer({ min: 4, max: 8192 }),
      truncationSide: fc.constantFrom('left', 'right'),
      pooling: isUse ? fc.constant(null) : fc.constantFrom('firstToken', 'mean'),
      adapter: isUse ? fc.constant(null) : fc.option(adapter),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
      freeze: fc.oneof(
        fc.constantFrom({ kind: 'none' }, { kind: 'encoder' }),
        fc.integer({ min: 0, max: 2 }).map((layers) => ({ kind: 'prefix', layers })),
      ),
      earlyStopping: fc.option(
        fc.record({ metric: fc.constantFrom(...metrics), patience: count(100), minDelta: share }),
      ),
      checkpointEverySteps: count(100_000),
    })
    .map((values) => ({ ...values, freeze: values.adapter === null ? values.freeze : { kind: 'none' } }))
    .map((values) => Hyperparameters.parse(values));
}

const common = fc.record({
  textColumn: fc.constant('text'),
  splits: fc.constantFrom(['train', 'validation'], ['test', 'train'], ['validation', 'test']),
});

const spec: fc.Arbitrary<{ model: ModelManifest; spec: RunSpec }> = fc
  .record({ model: fc.constantFrom(use, bert), isMultiTask: fc.boolean() })
  .chain(({ model, isMultiTask }) => {
    const shared = common.map(({ textColumn, splits: [trainSplit, validationSplit] }) => ({
      textColumn,
      trainSplit,
      validationSplit,
      baseModelDigest: digest('model'),
      datasetDigest: version.digest,
    }));
    const head = (kinds: readonly fc.Arbitrary<TargetHeadSpec>[]) => fc.oneof(...kinds);
    const ofTexts = [classification('label', ['ham', 'spam']), multiLabel, regression];
    const task = (name: string, kinds: readonly fc.Arbitrary<TargetHeadSpec>[]) =>
      fc.record({ name: fc.constant(name), weight: lossWeight, head: head(kinds) });
    const pairs = model === bert ? fc.constantFrom(null, 'second') : fc.constant(null);
    // Tags are of single texts, and of no USE_LITE.
    const method = isMultiTask
      ? fc.record({
          method: fc.constant('multiTask'),
          pairColumn: pairs,
          tasks: fc.tuple(task('topic', ofTexts), task('rating', [classification('stars', ['1', '2', '3'])])),
          lossWeighting: fc.constantFrom('fixed', 'uncertainty'),
          hyperparameters: hyperparameters(model, ['validation/loss', 'validation/rating/accuracy']),
        })
      : fc
          .record({
            method: fc.constant('supervised'),
            pairColumn: pairs,
            head: head(model === bert ? [...ofTexts, tagging] : ofTexts),
            hyperparameters: hyperparameters(model, ['validation/loss']),
          })
          .map((each) => (each.head.kind === 'tokenClassification' ? { ...each, pairColumn: null } : each));
    return fc.tuple(shared, method).map(([first, second]) => ({ model, spec: RunSpec.parse({ ...first, ...second }) }));
  });

test('a configuration read from a spec gives the same spec again', () => {
  fc.assert(
    fc.property(spec, ({ model, spec: former }) => {
      const again = resolveSpec(
        configurationOf(former, { controlVersionId: null, referenceModelId: null }),
        version,
        { digest: digest('model'), manifest: model },
        facts,
      );
      expect(again).toEqual(former);
    }),
    { numRuns: 300 },
  );
});

test('nulls are told by their paths', () => {
  expect(pathsOfNulls({ a: null, b: undefined, c: { d: null, e: 1 }, f: [{ g: null }] })).toEqual([
    'a',
    'c.d',
    'f.0.g',
  ]);
});
