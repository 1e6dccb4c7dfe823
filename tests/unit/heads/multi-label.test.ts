import { expect, test } from 'vitest';
import { prepareHead } from '../../../gpu-worker/heads/index.js';
import type { ClassWeights } from '../../../src/protocol/heads.js';

/** Of six examples the first lacks labels; of the other five, one has `rare`, four have `common`, none `never`. */
const targets = {
  kind: 'multiLabel',
  values: Float32Array.from([0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]),
  present: Float32Array.from([0, 1, 1, 1, 1, 1]),
  unknown: new Map(),
} as const;

function biasWith(classWeights: ClassWeights): number[] {
  const labels = ['rare', 'common', 'never'];
  const head = {
    kind: 'multiLabel',
    labelColumn: 'labels',
    labels,
    classWeights,
    thresholds: { kind: 'chosen' },
  } as const;
  const { initialBias } = prepareHead({ task: 'labels', head, path: [] }, targets, { architecture: 'bert' });
  return [...initialBias!];
}

test('a new head starts at the log-odds of its labels among the examples that have labels', () => {
  const bias = biasWith({ kind: 'none' });
  expect(bias[0]).toBeCloseTo(Math.log(1.5 / 4.5), 6);
  expect(bias[1]).toBeCloseTo(Math.log(4.5 / 1.5), 6);
  expect(bias[2]).toBeCloseTo(Math.log(0.5 / 5.5), 6);
});

test('a label’s weight moves its start', () => {
  const bias = biasWith({ kind: 'explicit', weights: [{ label: 'rare', weight: 3 }] });
  expect(bias[0]).toBeCloseTo(Math.log((3 * 1.5) / 4.5), 6);
  expect(bias[1]).toBeCloseTo(Math.log(4.5 / 1.5), 6);
});
