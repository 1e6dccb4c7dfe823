import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PromptsDrawn } from '../../../gpu-worker/data/drawn-rows.js';
import { readSplitRows } from '../../../gpu-worker/data/split-rows.js';
import { type FileWorkshop, type IngestedFile, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Answers to prompts, in turns, so that those of a prompt do not follow each other: so many to each. */
function answersOf(counts: readonly number[]): object[] {
  return Array.from({ length: Math.max(...counts) }, (_, place) =>
    counts.flatMap((count, prompt) => (place < count ? [{ prompt: `p${prompt}`, answer: `${prompt} ${place}` }] : [])),
  ).flat();
}

const fileOf = (rows: readonly object[]): Promise<IngestedFile> =>
  workshop.read(rows.map((row) => JSON.stringify({ part: 'test', ...row })).join('\n'), 'JSONL', {
    split: { kind: 'column', column: 'part' },
  });

/** Rows that are drawn of each prompt. */
async function drawn(file: IngestedFile, most: number, rowsAre: PromptsDrawn['rowsAre']) {
  const { targets } = await readSplitRows({
    path: file.storedPath,
    split: { name: 'test', path: [] },
    most,
    mostBy: { promptColumn: 'prompt', rowsAre },
    textColumn: { name: 'answer', path: [] },
    pairColumn: null,
    targetColumns: [{ name: 'prompt', path: [], as: 'text' }],
    wantsWords: false,
    maxCharacters: 1000,
    truncationSide: 'right',
  });
  const counts = new Map<unknown, number>();
  for (const prompt of targets[0]!.values) counts.set(prompt, (counts.get(prompt) ?? 0) + 1);
  return counts;
}

describe('of judged answers', () => {
  test('all pairs of a prompt are drawn, but of the last one', async () => {
    const file = await fileOf(answersOf(Array.from({ length: 50 }, () => 4)));
    const counts = await drawn(file, 22, 'pairs');
    expect([...counts.values()].sort()).toEqual([2, 4, 4, 4, 4, 4]);
    expect(await drawn(file, 22, 'pairs')).toEqual(counts);
  });

  test('answers count as the pairs that they make', async () => {
    const file = await fileOf(answersOf(Array.from({ length: 50 }, () => 4)));
    // Four answers make six pairs, three of them three.
    expect([...(await drawn(file, 18, 'answers')).values()].sort()).toEqual(expect.arrayContaining([4, 4, 4]));
    const pairs = [...(await drawn(file, 21, 'answers')).values()].reduce((sum, k) => sum + (k * (k - 1)) / 2, 0);
    expect(pairs).toBe(21);
  });

  test('one answer to a prompt makes no pair, and takes the place of none', async () => {
    const file = await fileOf(answersOf([...Array.from({ length: 90 }, () => 1), 3, 3, 3]));
    expect([...(await drawn(file, 9, 'answers')).values()]).toEqual([3, 3, 3]);
  });

  test('where all answers are alone, some are read all the same, so that it can be told', async () => {
    const file = await fileOf(answersOf(Array.from({ length: 30 }, () => 1)));
    expect((await drawn(file, 9, 'answers')).size).toBe(9);
  });

  test('a prompt with more pairs than are read gives as many', async () => {
    const file = await fileOf(answersOf([40]));
    expect(await drawn(file, 10, 'answers')).toEqual(new Map([['p0', 5]]));
    expect(await drawn(file, 10, 'pairs')).toEqual(new Map([['p0', 10]]));
  });
});
