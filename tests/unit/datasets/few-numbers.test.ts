import { expect, test } from 'vitest';
import { fewNumbers } from '../../../gpu-worker/preparation/ingestion/few-numbers.js';
import type { StoredColumn } from '../../../src/protocol/datasets/stored-version.js';

const column = (given: Partial<StoredColumn>): StoredColumn => ({
  name: 'stars',
  type: 'INTEGER',
  missing: 0,
  distinct: 5,
  labels: null,
  ...given,
});

test('a column of few numbers, each of which occurs often, is told', () => {
  expect(fewNumbers([column({}), column({ name: 'half stars', type: 'FLOAT', distinct: 10 })], 100)).toEqual([
    {
      code: 'FEW_NUMBERS',
      message:
        '“stars” has 5 different numbers. As labels they are classes, which have no order; the head `regression` predicts them as numbers.',
    },
    { code: 'FEW_NUMBERS', message: expect.stringMatching(/^“half stars” has 10 different numbers\./) },
  ]);
});

test.each<[string, Partial<StoredColumn>]>([
  ['texts', { type: 'TEXT' }],
  ['lists of numbers', { type: 'INTEGER_LIST' }],
  ['two numbers', { distinct: 2 }],
  ['many numbers', { distinct: 21 }],
  ['numbers that occur seldom', { distinct: 11 }],
  ['numbers that are mostly missing', { missing: 51 }],
])('of %s nothing is told', (_, given) => {
  expect(fewNumbers([column(given)], given.distinct === 21 ? 1000 : 100)).toEqual([]);
});
