import { expect, test } from 'vitest';
import type { SampleRules } from '../../../src/protocol/samples/samples-reading.js';
import { rowsOfPrompt } from '../../../src/scored-samples/datasets/rows-of-prompt.js';
import { scoredPrompt } from '../../support/scored-samples.js';

const id = '7c0d4d9e-31de-4df5-bd4e-0f1f67a0f2a8';
const rules: SampleRules = { rows: 'winners', leastReward: null, leastMargin: 0, withCut: false };
const rowsOf = (rewards: readonly (number | null)[], changes: Partial<SampleRules> = {}) =>
  rowsOfPrompt(scoredPrompt(3, rewards), { ...rules, ...changes }, false, id);

test('the best sample wins, of equal ones the first; those without a reward take no part', () => {
  expect(rowsOf([0.5, null, 2, 2])).toMatchObject([
    { prompt: 'prompt 3', completion: ' answer 2', reward: 2, sourceRow: 3 },
  ]);
  expect(rowsOf([null, null])).toBe('unscored');
  expect(rowsOf([1, 2], { leastReward: 2.5 })).toBe('belowLeast');
  expect(rowsOf([1, 2], { leastReward: 2 })).toHaveLength(1);
});

test('a pair is of the best and the worst; ties and small margins are left out', () => {
  expect(rowsOf([1, 3, 2], { rows: 'pairs' })).toMatchObject([
    { chosen: ' answer 1', rejected: ' answer 0', strength: 2 },
  ]);
  expect(rowsOf([1, 1], { rows: 'pairs' })).toBe('tied');
  expect(rowsOf([1], { rows: 'pairs' })).toBe('tied');
  expect(rowsOf([1, 3], { rows: 'pairs', leastMargin: 2 })).toBe('tied');
  expect(rowsOf([1, 3], { rows: 'pairs', leastMargin: 1.9 })).toHaveLength(1);
});

test('samples that were cut take part only where that is asked for', () => {
  const prompt = scoredPrompt(3, [1, 2]);
  const cut = {
    ...prompt,
    samples: prompt.samples.map((each, i) => ({ ...each, reason: i === 1 ? 'length' : 'endOfText' }) as const),
  };
  expect(rowsOfPrompt(cut, rules, false, id)).toMatchObject([{ reward: 1 }]);
  expect(rowsOfPrompt(cut, { ...rules, withCut: true }, false, id)).toMatchObject([{ reward: 2 }]);
});

test('all samples are rows of one group, and conversations are lists of turns', () => {
  const all = rowsOf([1, null, 2], { rows: 'all' });
  expect(all).toMatchObject([
    { completion: ' answer 0', reward: 1, tokenCount: 1, sample: 0 },
    { completion: ' answer 2', reward: 2, tokenCount: 3, sample: 2 },
  ]);
  expect(new Set((all as { group: string }[]).map(({ group }) => group)).size).toBe(1);
  const winner = rowsOfPrompt(scoredPrompt(3, [1]), rules, true, id);
  expect(winner).toMatchObject([
    {
      messages: [
        { role: 'user', content: 'prompt 3' },
        { role: 'assistant', content: ' answer 0' },
      ],
    },
  ]);
});
