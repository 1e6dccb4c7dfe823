import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { RowTable, StepTools } from '../../../gpu-worker/preparation/row-table.js';
import { runRecipe } from '../../../gpu-worker/preparation/run-recipe.js';
import { runAddFromTemplates } from '../../../gpu-worker/preparation/steps/add-from-templates.js';
import { runAugmentText } from '../../../gpu-worker/preparation/steps/augment-text.js';
import { runBalanceLabels } from '../../../gpu-worker/preparation/steps/balance-labels.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import { augment, balance, type MadeRow, openAugmentationRoom, templated } from '../../support/augmentation-room.js';
import { edaMethods } from '../../support/eda-methods.js';

const room = await openAugmentationRoom();
afterAll(() => room[Symbol.dispose]());
const { tools, texted, rowsOf } = room;

describe('augmentText', () => {
  test('adds marked copies of rows of the split behind the others, and changes none', async () => {
    const before = await texted();
    const { table } = await runAugmentText(augment(), before, tools);
    const [given, after] = [await rowsOf(before), await rowsOf(table)];
    expect(after.slice(0, 6)).toEqual(given);
    const made = after.slice(6);
    expect(made.length).toBeGreaterThan(5);
    expect(made.length).toBeLessThanOrEqual(8);
    expect(made.map(({ row }) => row)).toEqual(made.map((_, index) => 6 + index));
    for (const { split, madeBy, source, values } of made) {
      expect([split, madeBy]).toEqual(['train', 'augmentText']);
      expect([0, 2]).toContain(source);
      const [text, label] = values;
      expect(label).toBe(given[source!]!.values[1]);
      expect(text).not.toBe(given[source!]!.values[0]);
    }
    expect(new Set(made.map(({ values }) => values[0])).size).toBe(made.length);
  });

  test('a problem of its model is told at the step', async () => {
    const path = ['methods', '0', 'maskedModel', 'modelId'];
    const problem = { path, code: 'MISSING_ARTIFACT', message: 'Its file is gone.', hint: null };
    const maskedModel = async () => Promise.reject(new ProblemError(problem));
    const guessed = { kind: 'maskedModel', share: 0.5, modelDigest: '0'.repeat(64), topK: 1, temperature: 1 } as const;
    const step = augment({ methods: [guessed] });
    await expect(runRecipe([augment(), step], await texted(), { ...tools, maskedModel })).rejects.toMatchObject({
      problem: { ...problem, path: ['recipe', '1', 'augmentText', ...path] },
    });
  });

  test('the same seed makes the same bytes; another seed, step or row number makes others', async () => {
    const before = await texted();
    const made = async (step = augment(), more: Partial<StepTools> = {}, of = before) =>
      JSON.stringify((await rowsOf((await runAugmentText(step, of, { ...tools, ...more })).table)).slice(6));
    const first = await made();
    expect(await made()).toBe(first);
    expect(await made(augment({ seed: 8 }))).not.toBe(first);
    expect(await made(augment(), { step: 1 })).not.toBe(first);
  });

  test('a row’s copies do not depend on the rows beside it', async () => {
    const all = await texted();
    const alone = { ...all, name: tools.names.table() };
    await room.database.query(`CREATE TABLE ${alone.name} AS SELECT * FROM ${all.name} WHERE row = 2`);
    const copies = async (of: RowTable) =>
      (await rowsOf((await runAugmentText(augment(), of, tools)).table))
        .filter(({ source }) => source === 2)
        .map(({ values }) => values);
    expect(await copies(alone)).toEqual(await copies(all));
  });

  test('nothing is made that a row of any split has', async () => {
    // The only swap of two words is what the test asks for.
    const rows = [
      { split: 'train', values: ['red blue', 'x'] },
      { split: 'test', values: ['blue red', 'x'] },
      { split: 'train', values: ['one two', 'x'] },
    ];
    const before = await room.load({ text: 'TEXT', label: 'TEXT' }, rows);
    const methods = [{ kind: 'randomSwap' as const, share: 0.1 }];
    const { table } = await runAugmentText(augment({ methods }), before, tools);
    expect((await rowsOf(table)).slice(3).map(({ values }) => values[0])).toEqual(['two one']);
  });

  test('by default there are as many copies as EDA makes, and of a share of rows one each', async () => {
    const words = Array.from({ length: 40 }, (_, row) => ({
      split: row < 30 ? 'train' : 'test',
      values: [Array.from({ length: 12 }, (_, word) => `w${row}x${word}`).join(' '), 'x'],
    }));
    const before = await room.load({ text: 'TEXT', label: 'TEXT' }, words);
    const methods = [{ kind: 'randomSwap' as const, share: null }];
    const usual = await rowsOf((await runAugmentText(augment({ methods, amount: null }), before, tools)).table);
    expect(usual).toHaveLength(40 + 30 * 16);
    // Two words of a text stand elsewhere: α = 0.05 is one swap.
    const [text] = usual[40]!.values as [string];
    const source = (words[usual[40]!.source!]!.values[0] as string).split(' ');
    expect(text.split(' ').filter((word, index) => word !== source[index])).toHaveLength(2);
    const amount = { kind: 'ofShare' as const, share: 0.2 };
    const some = (await rowsOf((await runAugmentText(augment({ methods, amount }), before, tools)).table)).slice(40);
    expect(some).toHaveLength(6);
    expect(new Set(some.map(({ source }) => source)).size).toBe(6);
  });

  test('lists of words keep their tags: one word for one', async () => {
    const rows = [
      {
        split: 'train',
        values: [
          ['The', 'film', 'starts', 'in', 'Paris', '.'],
          ['O', 'O', 'O', 'O', 'LOC', 'O'],
        ],
      },
      { split: 'train', values: [[], []] },
    ];
    const before = await room.load({ words: 'TEXT_LIST', tags: 'TEXT_LIST' }, rows);
    const methods = [edaMethods(0.3, 0.25)[0]!];
    const { table } = await runAugmentText(augment({ column: 'words', methods }), before, tools);
    const made = (await rowsOf(table)).slice(2);
    expect(made.length).toBeGreaterThan(0);
    for (const { values } of made) {
      expect(values[0]).toHaveLength(6);
      expect(values[1]).toEqual(['O', 'O', 'O', 'O', 'LOC', 'O']);
    }
    await expect(
      runAugmentText(augment({ column: 'words', methods: edaMethods(0.1, 0.25) }), before, tools),
    ).rejects.toMatchObject({
      problems: [1, 2, 3].map((index) => ({ path: ['methods', `${index}`], code: 'INVALID_VALUE' })),
    });
  });

  test('a masked model is asked, and copies of copies are not made', async () => {
    const methods = [
      { kind: 'maskedModel' as const, share: 0.1, modelDigest: 'a'.repeat(64), topK: 5, temperature: 1 },
    ];
    const first = await runAugmentText(augment({ methods }), await texted(), tools);
    const made = (await rowsOf(first.table)).slice(6);
    for (const { values } of made) expect(values[0]).toMatch(/song/i);
    const second = await runAugmentText(augment(), first.table, { ...tools, step: 1 });
    const sources = (await rowsOf(second.table)).slice(6 + made.length).map(({ source }) => source);
    expect(new Set(sources)).toEqual(new Set([0, 2]));
  });

  test('control characters, quotes and characters beyond U+FFFF stay', async () => {
    const text = 'film "a\\b"\t😀\u0001 film \u2028 film';
    const before = await room.load({ text: 'TEXT', label: 'TEXT' }, [{ split: 'train', values: [text, 'x'] }]);
    const methods = [{ kind: 'casing' as const, share: 0.1, casings: ['upper' as const] }];
    const { table } = await runAugmentText(augment({ methods }), before, tools);
    expect((await rowsOf(table))[1]!.values[0]).toBe('FILM "A\\B"\t😀\u0001 FILM \u2028 FILM');
  });
});

describe('addFromTemplates', () => {
  test('fills all templates of each row, where no value is missing', async () => {
    const before = await texted();
    const { table } = await runAddFromTemplates(templated(), before, tools);
    const after = await rowsOf(table);
    expect(after.slice(0, 6)).toEqual(await rowsOf(before));
    expect(after.slice(6).map(({ source, madeBy, values }) => [source, madeBy, values[0]])).toEqual([
      [0, 'addFromTemplates', 'Please: the film starts quickly, and ends.'],
      [0, 'addFromTemplates', 'The film starts quickly, and ends. (film)'],
      [2, 'addFromTemplates', 'Please: we purchase cars.'],
      [2, 'addFromTemplates', 'We purchase cars. (car)'],
    ]);
  });

  test('draws templates by the seed, and numbers are slots too', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => ({ split: 'train', values: [`t${row}`, row] }));
    const before = await room.load({ text: 'TEXT', price: 'INTEGER' }, rows);
    const step = (seed: number) =>
      templated({ templates: ['{text} for {price}', 'Is {price} much?', '{{{text}}}'], perRow: 1, seed });
    const made = async (seed: number) =>
      (await rowsOf((await runAddFromTemplates(step(seed), before, tools)).table))
        .slice(60)
        .map(({ values }) => values[0]);
    const first = await made(1);
    expect(first).toHaveLength(60);
    for (const kind of [/^t\d+ for \d+$/, /^Is \d+ much\?$/, /^\{t\d+\}$/])
      expect(first.filter((text) => kind.test(text as string)).length).toBeGreaterThan(8);
    expect(await made(1)).toEqual(first);
    expect(await made(2)).not.toEqual(first);
  });

  test.each([
    [{ templates: ['{text'] }, 'INVALID_VALUE', ['templates', '0']],
    [{ templates: ['{text}', 'no slot'] }, 'INVALID_VALUE', ['templates', '1']],
    [{ templates: ['{txt}'] }, 'UNKNOWN_COLUMN', ['templates', '0']],
    [{ column: 'lable' }, 'UNKNOWN_COLUMN', ['column']],
  ])('%o is refused', async (more, code, path) => {
    await expect(runAddFromTemplates(templated(more), await texted(), tools)).rejects.toMatchObject({
      problems: [{ code, path, hint: expect.stringMatching(/./) }],
    });
  });
});

describe('every step', () => {
  const runs = {
    augmentText: (table: RowTable, split: string) => runAugmentText(augment({ split }), table, tools),
    addFromTemplates: (table: RowTable, split: string) => runAddFromTemplates(templated({ split }), table, tools),
    balanceLabels: (table: RowTable, split: string) => runBalanceLabels(balance({ split }), table, tools),
  };

  test.each(Object.entries(runs))('%s refuses rows without splits, and a split that is not there', async (_, run) => {
    const without = await room.load({ text: 'TEXT', label: 'TEXT' }, [{ values: ['a film', 'film'] }]);
    await expect(run(without, 'train')).rejects.toMatchObject({
      problems: [{ path: ['split'], code: 'UNKNOWN_SPLIT', hint: expect.stringMatching(/before this one/) }],
    });
    await expect(run(await texted(), 'trian')).rejects.toMatchObject({
      problems: [{ path: ['split'], code: 'UNKNOWN_SPLIT', hint: expect.stringMatching(/“train”/) }],
    });
  });

  test.each(Object.entries(runs))('%s leaves all rows of other splits as they are', async (_, run) => {
    const row = record({
      split: constantFrom('train', 'train', 'validation', 'test', null),
      words: array(constantFrom('film', 'car', 'the', 'buys', 'quickly', 'Paris', '12'), {
        minLength: 1,
        maxLength: 6,
      }),
      label: constantFrom('a', 'b', 'c', null),
    });
    await assert(
      asyncProperty(array(row, { minLength: 1, maxLength: 12 }), integer({ min: 0, max: 3 }), async (given, extra) => {
        const sure = { split: 'train', values: ['the film starts', 'a'] };
        const rows = given.map(({ split, words, label }) => ({ split, values: [words.join(' '), label] }));
        const before = await room.load({ text: 'TEXT', label: 'TEXT' }, [...rows, ...Array(extra + 1).fill(sure)]);
        const { table } = await run(before, 'train');
        const [given2, after] = [await rowsOf(before), await rowsOf(table)];
        const others = (all: MadeRow[]) => all.filter(({ split }) => split !== 'train');
        expect(others(after)).toEqual(others(given2));
        const splitOf = new Map(given2.map((each) => [each.row, each.split]));
        for (const { madeBy, source, split } of after) {
          if (madeBy === null) continue;
          expect(split).toBe('train');
          expect(splitOf.get(source!)).toBe('train');
        }
      }),
      { numRuns: 15 },
    );
  });
});
