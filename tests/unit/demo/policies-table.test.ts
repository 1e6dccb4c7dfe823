import { expect, test } from 'vitest';
import { policiesTable } from '../../../src/demo/policies-table.js';

test('a policy has its win rate with the interval, and a bound of its divergence is called one', () => {
  const winRate = { rate: 0.75, lower: 0.605, upper: 0.855, wins: 30, losses: 10, ties: 0 };
  const table = policiesTable([
    { name: 'start', winRate: null, kl: 0, words: 9.25, perplexity: 40 },
    { name: 'best of 8', winRate, kl: Math.log(8) - 7 / 8, isBound: true, words: 5, perplexity: 40 },
    { name: 'DPO', winRate, kl: null, words: 6, perplexity: 41.25 },
  ]);
  const cells = table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(cells.slice(1)).toEqual([
    ['start', '–', '–', '0.00', '9.3', '40.0'],
    // ln 8 − 7 / 8 = 2.0794 − 0.875
    ['best of 8', '75.0 %', '60.5 % to 85.5 %', '≤ 1.20', '5.0', '40.0'],
    ['DPO', '75.0 %', '60.5 % to 85.5 %', '–', '6.0', '41.3'],
  ]);
});
