import { expect, test } from 'vitest';
import { judgeByRewards } from '../../../src/loops/judge-by-rewards.js';
import type { BaseModelRow } from '../../../src/models/base-model.reads.js';
import { itemContent } from '../../support/feedback-rows.js';

const [ours, theirs, judge] = ['1', '2', '3'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`);

/** What is won by answers whose rewards are their lengths; `-` has none. */
async function counted(pairs: readonly (readonly [string, string])[]) {
  const written = (key: string, text: string, modelId: string) => ({
    key,
    text,
    modelId,
    generationId: null,
    settings: null,
  });
  const rows = pairs.map(([one, two]) => ({
    content: itemContent({ prompt: 'why?', answers: [written('a', one, ours!), written('b', two, theirs!)] }),
  }));
  return judgeByRewards(
    {
      query: <Row>() => Promise.resolve(rows as Row[]),
      predictions: {
        predict: async ({ pairs: answers }) => ({
          id: '',
          model: { id: judge } as BaseModelRow,
          texts: answers!.map((answer) => {
            const value = answer === '-' ? null : answer.length;
            return {
              tokenCount: 1,
              truncated: false,
              tasks: [{ kind: 'reward', task: 'reward', value, output: value }],
            };
          }),
        }),
      },
    },
    { rewardModelId: judge!, taskId: judge!, candidate: ours!, rival: theirs! },
  );
}

test('the higher reward wins, of an empty answer too', async () => {
  expect(await counted([['long', 'no']])).toEqual({ wins: 1, losses: 0, ties: 0 });
  expect(await counted([['', 'no']])).toEqual({ wins: 0, losses: 1, ties: 0 });
  expect(await counted([['', '']])).toEqual({ wins: 0, losses: 0, ties: 1 });
});

test('an answer without a reward loses against one that has some, and is as good as another without one', async () => {
  const pairs = [
    ['', '-'],
    ['-', ''],
    ['-', '-'],
  ] as const;
  expect(await counted(pairs)).toEqual({ wins: 1, losses: 1, ties: 1 });
});
