import 'reflect-metadata';
import { describe, expect, test } from 'vitest';
import { bestIndex } from '../../../src/experiments/best-index.js';
import { alignSeries, positionOf } from '../../../src/experiments/comparison/align-series.js';
import { compareSettings } from '../../../src/experiments/comparison/compare-settings.js';
import { settingsOf } from '../../../src/experiments/comparison/settings.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { multiTaskSpec, supervisedSpec, task } from '../../support/specs.js';

describe('series on one axis', () => {
  const align = (...series: readonly (readonly [number, string][])[]) => alignSeries(series, ([x]) => x);
  const values = ({ lines }: ReturnType<typeof align>) => lines.map((line) => line.map((point) => point?.[1] ?? null));

  test('have every x that any of them has, ascending, and nothing where they have none', () => {
    const aligned = align(
      [
        [1, 'a1'],
        [3, 'a3'],
      ],
      [],
      [
        [2, 'b2'],
        [3, 'b3'],
        [10, 'b10'],
      ],
    );
    expect(aligned.x).toEqual([1, 2, 3, 10]);
    expect(values(aligned)).toEqual([
      ['a1', null, 'a3', null],
      [null, null, null, null],
      [null, 'b2', 'b3', 'b10'],
    ]);
  });

  test('lose no point to another of the same x', () => {
    const aligned = align(
      [
        [1, 'a'],
        [1, 'a again'],
        [2, 'a2'],
      ],
      [[1, 'b']],
    );
    expect(aligned.x).toEqual([1, 1, 2]);
    expect(values(aligned)).toEqual([
      ['a', 'a again', 'a2'],
      ['b', null, null],
    ]);
  });

  test('of different batch sizes meet at epochs and examples, not at steps', () => {
    const point = (step: number, epoch: number) => ({
      step,
      epoch,
      value: 0,
      at: new Date('2026-01-01T00:01:30.500Z'),
    });
    const run = { startedAt: new Date('2026-01-01T00:00:00Z'), trainingExamples: 80 };
    // Half an epoch of 80 examples: 5 steps of 8, or 10 of 4.
    for (const half of [point(5, 0.5), point(10, 0.5)]) {
      expect(positionOf('STEP', run, half)).toBe(half.step);
      expect(positionOf('EPOCH', run, half)).toBe(0.5);
      expect(positionOf('EXAMPLES', run, half)).toBe(40);
      expect(positionOf('RELATIVE_TIME', run, half)).toBe(90.5);
    }
  });
});

test('the best is the first of equal ones, finite, and by direction', () => {
  const values = [null, 2, Number.NaN, 1, 2, 1, Number.POSITIVE_INFINITY];
  expect(bestIndex(values, 'HIGHER_IS_BETTER')).toBe(1);
  expect(bestIndex(values, 'LOWER_IS_BETTER')).toBe(3);
  expect(bestIndex(values, 'NEITHER')).toBeNull();
  expect(bestIndex([null, Number.NaN], 'LOWER_IS_BETTER')).toBeNull();
});

describe('settings side by side', () => {
  const configured = (spec: RunSpec, name = 'tiny') =>
    settingsOf({
      spec,
      baseModel: { id: name, name },
      datasetVersion: { id: 'v', name: 'mails, version 1' },
      controlVersion: null,
      referenceModel: null,
    });
  const differing = (...all: readonly ReturnType<typeof configured>[]) =>
    compareSettings(all)
      .filter(({ differs }) => differs)
      .map(({ path, values }) => [path, ...values]);

  test('say where they differ, with values by their kind', () => {
    const hyperparameters: Partial<Hyperparameters> = {
      learningRate: 1e-3,
      schedule: 'cosine',
      maxGradientNorm: null,
      freeze: { kind: 'prefix', layers: 2 },
    };
    const other = supervisedSpec({ hyperparameters, labels: ['spam', 'ham'] });
    expect(differing(configured(supervisedSpec()), configured(other, 'other'))).toEqual([
      [
        'baseModel',
        { kind: 'reference', type: 'BaseModel', id: 'tiny', text: 'tiny' },
        { kind: 'reference', type: 'BaseModel', id: 'other', text: 'other' },
      ],
      ['method.labels', { kind: 'list', items: ['ham', 'spam'] }, { kind: 'list', items: ['spam', 'ham'] }],
      ['hyperparameters.learningRate', { kind: 'number', number: 1e-4 }, { kind: 'number', number: 1e-3 }],
      ['hyperparameters.schedule', { kind: 'choice', choice: 'LINEAR' }, { kind: 'choice', choice: 'COSINE' }],
      ['hyperparameters.maxGradientNorm', { kind: 'number', number: 1 }, null],
      ['hyperparameters.freeze.kind', { kind: 'choice', choice: 'NONE' }, { kind: 'choice', choice: 'PREFIX' }],
      ['hyperparameters.freeze.layers', null, { kind: 'number', number: 2 }],
    ]);
  });

  test('have what only one method knows where that method has it', () => {
    const multiTask = multiTaskSpec({ tasks: [task('topic', ['a', 'b']), task('mood', ['a', 'b'])] });
    const rows = compareSettings([configured(supervisedSpec()), configured(multiTask)]);
    const paths = rows.map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
    expect(paths.indexOf('method.tasks.mood.weight')).toBeLessThan(paths.indexOf('hyperparameters.learningRate'));
    expect(rows.find(({ path }) => path === 'method.labelColumn')!.values).toEqual([
      { kind: 'text', text: 'label' },
      null,
    ]);
    expect(rows.find(({ path }) => path === 'method.tasks.topic.weight')!.values).toEqual([
      null,
      { kind: 'number', number: 1 },
    ]);
    expect(rows.find(({ path }) => path === 'method')!.values).toEqual([
      { kind: 'choice', choice: 'SUPERVISED' },
      { kind: 'choice', choice: 'MULTI_TASK' },
    ]);
  });
});
