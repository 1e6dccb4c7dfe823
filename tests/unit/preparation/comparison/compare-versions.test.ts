import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../../gpu-worker/preparation/comparison/compare-versions.js';
import type { ColumnRole } from '../../../../src/protocol/preparation/column-role.js';
import { VersionComparison } from '../../../../src/protocol/preparation/comparison.js';
import { openReportRoom, type PlainRow } from '../../../support/report-file.js';

const types = { id: 'BIGINT', text: 'VARCHAR', label: 'VARCHAR' };
const roles: Readonly<Record<string, ColumnRole>> = { text: 'TEXT', label: 'LABEL' };

const before: PlainRow[] = [
  { id: 1, text: 'one', label: 'a' },
  { id: 2, text: 'two', label: 'a' },
  { id: 3, text: 'three', label: 'b' },
  { id: 4, text: 'four', label: 'b', split: 'test' },
  { id: null, text: 'none', label: 'b' },
];
const after: PlainRow[] = [
  { id: 2, text: 'two', label: 'b' },
  { id: 1, text: 'one', label: 'a', split: 'test' },
  { id: 4, text: null, label: 'b', split: 'test' },
  { id: 5, text: 'five', label: 'c' },
  { id: 5, text: 'five again', label: 'c' },
];

async function compare(
  key: readonly string[],
  afterTypes: Readonly<Record<string, string>> = types,
  rowsAfter: readonly PlainRow[] = after,
) {
  await using room = await openReportRoom();
  const one = await room.write(types, roles, before);
  const two = await room.write(afterTypes, roles, [...rowsAfter]);
  const options = { key, encodedRows: 100, seed: 1 };
  return VersionComparison.parse(await compareVersions(room.tools, one, two, null, options));
}

describe('the comparison of two versions', () => {
  it('finds rows that were added, removed and changed by a key', async () => {
    const { rows, ...comparison } = await compare(['id']);
    expect(comparison).toMatchObject({ rowsBefore: 5, rowsAfter: 5, key: ['id'], embeddings: null });
    expect(rows).toEqual({
      added: 2,
      removed: 1,
      changed: 2,
      unchanged: 1,
      moved: 1,
      repeatedKeys: 1,
      mostRepeated: [{ values: ['5'], before: 0, after: 2 }],
      withoutKey: 1,
      changedColumns: [
        { column: 'label', rows: 1 },
        { column: 'text', rows: 1 },
      ],
      firstAdded: [
        { row: 3, split: 'train', excerpt: 'five' },
        { row: 4, split: 'train', excerpt: 'five again' },
      ],
      firstRemoved: [{ row: 2, split: 'train', excerpt: 'three' }],
      firstChanged: [
        { row: 1, otherRow: 0, values: [{ column: 'label', before: 'a', after: 'b' }] },
        { row: 3, otherRow: 2, values: [{ column: 'text', before: 'four', after: null }] },
      ],
    });
  });

  it('takes whole rows without a key', async () => {
    const { rows } = await compare([]);
    expect(rows).toMatchObject({ added: 4, removed: 4, changed: 0, unchanged: 1, moved: 1, withoutKey: 0 });
    expect(rows).toMatchObject({ repeatedKeys: 0, mostRepeated: [] });
  });

  it('compares labels and lengths', async () => {
    const { labels, lengths } = await compare(['id']);
    // Before a: 2, b: 3; after a: 1, b: 2, c: 2. χ² = 2 Σ (O − E)² / E = 2 (0.5²/1.5 + 0.5²/2.5 + 1²/1) = 2.5333…
    expect(labels).toMatchObject([
      { column: 'label', added: ['c'], removed: [], test: { degrees: 2, statistic: expect.closeTo(2.533333333, 8) } },
    ]);
    expect(labels[0]?.counts[0]).toEqual({ label: 'c', before: 0, after: 2 });
    // Before 3, 3, 5, 4, 4; after 3, 3, 4, 10.
    expect(lengths).toEqual([
      {
        column: 'text',
        before: { texts: 5, mean: 3.8, median: 4 },
        after: { texts: 4, mean: 5, median: 3.5 },
        test: { statistic: expect.closeTo(0.25, 12), p: expect.closeTo(0.999, 2) },
      },
    ]);
  });

  it('names columns that came, went or have another type', async () => {
    const { columns, rows } = await compare(['id'], { id: 'VARCHAR', text: 'VARCHAR', note: 'VARCHAR' });
    expect(columns).toEqual({
      added: ['note'],
      removed: ['label'],
      retyped: [{ column: 'id', before: 'BIGINT', after: 'VARCHAR' }],
    });
    // Keys are compared by their texts, and labels are in one version alone.
    expect(rows).toMatchObject({ changed: 1, added: 2, removed: 1 });
  });

  it('finds nothing between a version and itself', async () => {
    await using room = await openReportRoom();
    const file = await room.write(types, roles, before);
    const comparison = await compareVersions(room.tools, file, file, null, { key: [], encodedRows: 9, seed: 1 });
    expect(comparison.rows).toMatchObject({ added: 0, removed: 0, changed: 0, unchanged: 5, moved: 0 });
    expect(comparison.lengths[0]?.test).toEqual({ statistic: 0, p: 1 });
    expect(comparison.labels[0]?.test).toMatchObject({ statistic: 0, p: 1 });
  });

  it('refuses a key that most rows share with others, and names one', async () => {
    await expect(compare(['label'])).rejects.toMatchObject({
      problems: [
        {
          path: ['key'],
          code: 'INVALID_VALUE',
          message:
            'The key “label” does not tell rows apart: 5 rows of the older version have 2 different values. “b” stands in 3 rows of the older version and 2 of the newer.',
          hint: expect.stringContaining('an id'),
        },
      ],
    });
    // With the texts, which tell these apart, all is well.
    expect((await compare(['label', 'text'])).rows).toMatchObject({ repeatedKeys: 0, mostRepeated: [] });
  });

  it('takes an id that rows made from others share with these', async () => {
    const copies = before.map((row) => ({ ...row, text: 'changed' }));
    const { rows } = await compare(['id'], types, [...before, ...copies]);
    expect(rows).toMatchObject({ added: 4, removed: 0, changed: 0, unchanged: 4, repeatedKeys: 4 });
  });

  it('refuses a key that a version lacks', async () => {
    await expect(compare(['key'])).rejects.toThrow('A version has no column “key”.');
  });
});
