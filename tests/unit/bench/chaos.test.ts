import { expect, test } from 'vitest';
import { differences, type Ending, faultOfSeqs } from '../../../bench/chaos/checks.js';
import { faultKinds, mayMeet } from '../../../bench/chaos/faults.js';
import { readOptions } from '../../../bench/chaos/options.js';

const undisturbed: Ending = {
  status: 'SUCCEEDED',
  problem: null,
  modelDigest: 'a',
  points: new Map([
    ['train/loss@1', 0.5],
    ['train/loss@2', 0.25],
    ['validation/loss@2', null],
  ]),
};

test('a training that ended as the undisturbed one differs in nothing', () => {
  expect(differences({ ...undisturbed, points: new Map(undisturbed.points) }, undisturbed)).toEqual([]);
});

test('another model, a lost point, a point too many and another value are told', () => {
  const points = new Map([
    ['train/loss@1', 0.5],
    ['train/loss@2', 0.26],
    ['train/loss@3', 0.1],
  ]);
  expect(differences({ ...undisturbed, modelDigest: 'b', points }, undisturbed)).toEqual([
    'its model is b, undisturbed a',
    'it lacks 1 points: validation/loss@2',
    'it has besides 1 points: train/loss@3',
    'it has another value at 1 points: train/loss@2',
  ]);
});

test('a training that failed is told with its problem', () => {
  const failed = { ...undisturbed, status: 'FAILED', problem: 'WORKER_LOST: three times', modelDigest: null };
  expect(differences(failed, undisturbed)).toEqual(['it is FAILED (WORKER_LOST: three times)']);
});

test.each([
  [[1, 2, 3], null],
  [[], null],
  [[2], 'event 1 has seq 2, after none'],
  [[1, 2, 4], 'event 3 has seq 4, after 2'],
  [[1, 2, 2, 3], 'event 3 has seq 2, after 2'],
])('the seqs %j: %s', (seqs, fault) => {
  expect(faultOfSeqs(seqs)).toBe(fault);
});

test('two faults of a kind never come at once, nor does an API that starts lose its database', () => {
  const pairs = faultKinds.flatMap((one) => faultKinds.map((other) => [one, other] as const));
  const refused = pairs.filter(([one, other]) => one !== other && !mayMeet(one, other));
  expect(refused).toEqual([
    ['API killed', 'database killed'],
    ['API killed', 'connections dropped'],
    ['database killed', 'API killed'],
    ['connections dropped', 'API killed'],
  ]);
  expect(faultKinds.some((kind) => mayMeet(kind, kind))).toBe(false);
});

test('minutes and seed are numbers in their ranges', () => {
  expect(readOptions([])).toEqual({ minutes: 10, seed: 1 });
  expect(readOptions(['--minutes', '0.5', '--seed=7'])).toEqual({ minutes: 0.5, seed: 7 });
  for (const wrong of [['--minutes', '0'], ['--minutes', 'x'], ['--seed', '-1'], ['--seed=1.5'], ['--faults', '3']]) {
    expect(() => readOptions(wrong)).toThrow();
  }
});
