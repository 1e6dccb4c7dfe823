import { afterAll, describe, expect, test } from 'vitest';
import type { RowTable } from '../../../gpu-worker/preparation/row-table.js';
import { runBalanceLabels } from '../../../gpu-worker/preparation/steps/balance-labels.js';
import { balance, openAugmentationRoom } from '../../support/augmentation-room.js';
import { edaMethods } from '../../support/eda-methods.js';
import type { TestRow } from '../../support/step-database.js';

const room = await openAugmentationRoom();
afterAll(() => room[Symbol.dispose]());
const { tools, rowsOf } = room;

describe('balanceLabels', () => {
  const skewed = () =>
    room.load({ text: 'TEXT', label: 'TEXT' }, [
      ...Array.from({ length: 9 }, (_, row) => ({ split: 'train', values: [`a film of number ${row}`, 'film'] })),
      ...Array.from({ length: 3 }, (_, row) => ({ split: 'train', values: [`a car of number ${row}`, 'car'] })),
      ...Array.from({ length: 5 }, (_, row) => ({ split: 'test', values: [`a car for test ${row}`, 'car'] })),
      { split: 'train', values: ['no label', null] },
    ]);
  const counted = async (table: RowTable) => {
    const counts: Record<string, number> = {};
    for (const { split, values } of await rowsOf(table)) {
      const key = `${split} ${values[1]}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  };

  test('copies rows of rare labels in the split alone', async () => {
    const before = await skewed();
    const { table } = await runBalanceLabels(balance(), before, tools);
    expect(await counted(table)).toEqual({ 'train film': 9, 'train car': 9, 'test car': 5, 'train null': 1 });
    const after = await rowsOf(table);
    expect(after.slice(0, 18)).toEqual(await rowsOf(before));
    for (const { source, madeBy, values } of after.slice(18)) {
      expect(madeBy).toBe('balanceLabels');
      expect(values).toEqual(after[source!]!.values);
    }
  });

  test('drops rows of frequent labels, and says why', async () => {
    const before = await skewed();
    const { table, notes } = await runBalanceLabels(balance({ target: { kind: 'smallest' } }), before, tools);
    expect(await counted(table)).toEqual({ 'train film': 3, 'train car': 3, 'test car': 5, 'train null': 1 });
    const noted = await room.database.query<{ row: number; reason: string }>(
      `SELECT row::DOUBLE AS row, reason FROM ${notes} ORDER BY row`,
    );
    expect(noted).toHaveLength(6);
    for (const { row, reason } of noted) {
      expect(row).toBeLessThan(9);
      expect(reason).toMatch(/more rows/);
    }
  });

  test('copies get changed texts where one can be made, and the counts stay as wanted', async () => {
    const change = { column: 'text', methods: [{ kind: 'randomSwap' as const, share: 0.1 }] };
    const { table } = await runBalanceLabels(balance({ change }), await skewed(), tools);
    expect((await counted(table))['train car']).toBe(9);
    const after = await rowsOf(table);
    const made = after.slice(18);
    expect(made.every(({ source, values }) => values[0] !== after[source!]!.values[0])).toBe(true);
    // Of one word no swap can be made.
    const rows = [
      { split: 'train', values: ['one', 'x'] },
      { split: 'train', values: ['red', 'y'] },
      { split: 'train', values: ['blue', 'y'] },
    ];
    const single = await room.load({ text: 'TEXT', label: 'TEXT' }, rows);
    const again = await rowsOf((await runBalanceLabels(balance({ change }), single, tools)).table);
    expect(again.map(({ values }) => values.join(' '))).toEqual(['one x', 'red y', 'blue y', 'one x']);
  });

  test('several labels a row, and numbers as labels', async () => {
    const lists = await room.load({ label: 'TEXT_LIST' }, [
      { split: 'train', values: [['a']] },
      { split: 'train', values: [['a', 'b', 'b']] },
      { split: 'train', values: [['a']] },
      { split: 'train', values: [[]] },
    ]);
    const after = await rowsOf((await runBalanceLabels(balance(), lists, tools)).table);
    expect(after.slice(4).map(({ source }) => source)).toEqual([1, 1]);
    const numbers = await room.load(
      { label: 'INTEGER' },
      [1, 1, 2].map((value) => ({ split: 'train', values: [value] })),
    );
    expect((await rowsOf((await runBalanceLabels(balance(), numbers, tools)).table))[3]).toMatchObject({
      source: 2,
      values: [2],
    });
  });

  test('a column of texts or without values, and too many rows, are refused', async () => {
    const many = Array.from({ length: 3 }, () => ({ split: 'train', values: ['x', null] }));
    const empty = await room.load({ text: 'TEXT', label: 'TEXT' }, many);
    await expect(runBalanceLabels(balance(), empty, tools)).rejects.toMatchObject({
      problems: [{ code: 'EMPTY_SPLIT' }],
    });
    const target = { kind: 'count' as const, count: 6_000_000, by: 'over' as const };
    await expect(runBalanceLabels(balance({ target }), await skewed(), tools)).rejects.toMatchObject({
      problems: [{ code: 'TOO_LARGE', path: ['target'] }],
    });
  });
});

test('copies beyond what one statement writes are made in parts, with signs of life, and are all there', async () => {
  const rows: TestRow[] = ['film', 'car', 'car'].map((label, i) => ({ split: 'train', values: [`${i}`, label] }));
  const table = await room.load({ text: 'TEXT', label: 'TEXT' }, rows);
  const before = room.beats();
  const step = balance({ target: { kind: 'count', count: 200_000, by: 'over' } });
  const { table: made } = await runBalanceLabels(step, table, tools);
  expect(room.beats() - before).toBeGreaterThanOrEqual(6);
  const counts = await room.database.query(
    `SELECT ${made.columns[0]!.field} AS text, count(*)::INTEGER AS count, count(DISTINCT row)::INTEGER AS rows,
       count(made_by)::INTEGER AS made FROM ${made.name} GROUP BY 1 ORDER BY 1`,
  );
  expect(counts).toEqual([
    { text: '0', count: 200_000, rows: 200_000, made: 199_999 },
    { text: '1', count: 100_000, rows: 100_000, made: 99_999 },
    { text: '2', count: 100_000, rows: 100_000, made: 99_999 },
  ]);
});

test('changed copies come in the order of their rows, before those that could not be changed', async () => {
  const rows: TestRow[] = [
    { split: 'train', values: [null, 'film'] },
    { split: 'train', values: ['We purchase cars.', 'car'] },
    { split: 'train', values: [null, 'song'] },
  ];
  const table = await room.load({ text: 'TEXT', label: 'TEXT' }, rows);
  const change = { column: 'text', methods: edaMethods(0.2, 0.25) };
  const step = balance({ target: { kind: 'count', count: 2_000, by: 'over' }, change });
  const made = (await rowsOf((await runBalanceLabels(step, table, tools)).table)).filter(
    ({ source }) => source !== null,
  );
  expect(made.map(({ source }) => source)).toEqual([0, 1, 2].flatMap((row) => Array(1_999).fill(row)));
  const texts = made.filter(({ source }) => source === 1).map(({ values }) => values[0]);
  const unchanged = texts.indexOf('We purchase cars.');
  expect(unchanged).toBeGreaterThan(5);
  expect(new Set(texts.slice(0, unchanged)).size).toBe(unchanged);
  expect(new Set(texts.slice(unchanged))).toEqual(new Set(['We purchase cars.']));
});
