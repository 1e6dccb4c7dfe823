import { expect, test } from 'vitest';
import { checkNumbers } from '../../../src/experiments/heads/numbers.js';

const summary = (split: string, minimum: number | null, maximum: number | null) => ({
  split,
  position: 0,
  count: minimum === null ? 0 : 2,
  minimum,
  maximum,
  mean: minimum,
  standardDeviation: 0,
  missing: 0,
  nonFinite: 0,
});

test.each<[string, (readonly [number | null, number | null])[], string[]]>([
  [
    'numbers that differ',
    [
      [-1, 1],
      [0.5, 0.5],
    ],
    [],
  ],
  [
    'numbers of any usual size',
    [
      [-3.4e38, 3.4e38],
      [1e-40, 2e-40],
    ],
    [],
  ],
  [
    'one number alone',
    [
      [3, 3],
      [1, 2],
    ],
    ['every number of the column “score” is 3'],
  ],
  [
    'numbers that are all but the same',
    [
      [1e-200, 2e-200],
      [1, 2],
    ],
    ['differ by 1e-200 at most'],
  ],
  [
    'numbers that are too large',
    [
      [0, 1e61],
      [-1e300, 2],
    ],
    ['has the number 1e+61', 'has the number -1e+300'],
  ],
  [
    'a split without numbers',
    [
      [0, 1],
      [null, null],
    ],
    ['no example has a number'],
  ],
])('%s', (_, [train, validation], messages) => {
  const facts = {
    numbers: { score: [summary('train', ...train!), summary('validation', ...validation!), summary('test', 0, 1e300)] },
    counts: { labelled: {}, labels: {}, splitsWithLists: {} },
    unequalWords: {},
  };
  const problems = checkNumbers('score', facts, { train: 'train', validation: 'validation' }, ['column']);
  expect(problems.map(({ message }) => message)).toEqual(messages.map((message) => expect.stringContaining(message)));
});
