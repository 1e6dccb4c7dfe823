import { expect, test } from 'vitest';
import { openRewards, totalOf } from '../../../gpu-worker/rewards/open-rewards.js';
import type { RewardTools } from '../../../gpu-worker/rewards/open-source.js';
import { columnsOfRewards, Rewards } from '../../../src/protocol/rewards/reward-spec.js';

/** Rules need no tools. */
const tools = { beat: () => undefined } as unknown as RewardTools;

const rewards = Rewards.parse([
  {
    name: 'right',
    weight: 2,
    source: { kind: 'rule', rule: { kind: 'number', column: 'gold', absolute: 0, relative: 0, answerPattern: null } },
  },
  { name: 'short', weight: 0.1, source: { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 1 } } },
]);

test('rewards add up by their weights, over the sources that can say something', async () => {
  const open = await openRewards(rewards, tools);
  const prompt = { kind: 'text', text: '3 + 4' } as const;
  const scores = await open.score([
    { prompt, text: '7', tokenCount: 1, row: { gold: '7' } },
    { prompt, text: 'it is 8', tokenCount: 4, row: { gold: '7' } },
    { prompt, text: '9', tokenCount: 1, row: { gold: null } },
  ]);
  expect([...scores.total]).toEqual([1.9, -0.4, -0.1]);
  expect(scores.bySource.map(({ name, weight, values }) => ({ name, weight, values: [...values] }))).toEqual([
    { name: 'right', weight: 2, values: [1, 0, Number.NaN] },
    { name: 'short', weight: 0.1, values: [-1, -4, -1] },
  ]);
  await open.release();
});

test('a completion that no source can score has no reward', () => {
  expect([...totalOf([{ weight: 1, values: [Number.NaN, 2] }], 2)]).toEqual([Number.NaN, 2]);
});

test('a source that can not be opened says which of the list it is', async () => {
  const broken = structuredClone(rewards);
  broken[1]!.source = { kind: 'rule', rule: { kind: 'pattern', pattern: '(', ignoreCase: false, whole: false } };
  await expect(openRewards(broken, tools)).rejects.toMatchObject({
    problem: { code: 'INVALID_VALUE', path: ['rewards', '1', 'pattern'] },
  });
});

test('a reward too large to compute with fails, and is named', async () => {
  const large = structuredClone(rewards);
  large[1]!.source = { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 1e300 } };
  const completion = { prompt: { kind: 'text', text: '' } as const, text: '', row: { gold: null } };
  const open = await openRewards(large, tools, 'controlRewards');
  const none = await open.score([{ ...completion, tokenCount: 0 }]);
  expect(none.total[0]).toBeCloseTo(0);
  for (const tokenCount of [1, 1e12]) {
    await expect(open.score([{ ...completion, tokenCount }])).rejects.toMatchObject({
      problem: { code: 'INVALID_VALUE', path: ['controlRewards', '1'], message: expect.stringContaining('“short”') },
    });
  }
  await open.release();
});

test('a list names the columns that it reads, and refuses a weight of 0', () => {
  expect(columnsOfRewards(rewards)).toEqual(['gold']);
  expect(Rewards.safeParse([{ ...rewards[0]!, weight: 0 }]).success).toBe(false);
  expect(Rewards.safeParse([{ ...rewards[0]!, name: 'a b' }]).success).toBe(false);
});
