import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RowTable } from '../../../../gpu-worker/preparation/row-table.js';
import { runChangeCase } from '../../../../gpu-worker/preparation/steps/change-case.js';
import { runFilterLanguage } from '../../../../gpu-worker/preparation/steps/filter-language.js';
import { runFilterLength } from '../../../../gpu-worker/preparation/steps/filter-length.js';
import { runFilterRows } from '../../../../gpu-worker/preparation/steps/filter-rows.js';
import { runHtmlToText } from '../../../../gpu-worker/preparation/steps/html-to-text.js';
import { runMapLabels } from '../../../../gpu-worker/preparation/steps/map-labels.js';
import { runMergeColumns } from '../../../../gpu-worker/preparation/steps/merge-columns.js';
import { runNormalizeUnicode } from '../../../../gpu-worker/preparation/steps/normalize-unicode.js';
import { runRemoveControlCharacters } from '../../../../gpu-worker/preparation/steps/remove-control-characters.js';
import { runRenameColumns } from '../../../../gpu-worker/preparation/steps/rename-columns.js';
import { runRepairMojibake } from '../../../../gpu-worker/preparation/steps/repair-mojibake.js';
import { runReplacePattern } from '../../../../gpu-worker/preparation/steps/replace-pattern.js';
import { runSampleRows } from '../../../../gpu-worker/preparation/steps/sample-rows.js';
import { ProblemsError } from '../../../../src/problems/problem.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import type { MapLabels, MergeColumns } from '../../../../src/protocol/preparation/steps/cleaning.js';
import type { FilterLanguage, FilterLength, SampleRows } from '../../../../src/protocol/preparation/steps/filters.js';
import type { DuckDb } from '../../../../src/storage/duckdb.js';
import { notesOf, openStepDatabase, rowNumbers, type TestRow } from '../../../support/step-database.js';

/** Columns by their names, each with the values of all rows in their order; JSON as text. */
async function valuesOf(database: DuckDb, { name, columns }: RowTable): Promise<Record<string, unknown[]>> {
  const fields = columns.map(({ field, type }) => (type === 'JSON' ? `CAST(${field} AS VARCHAR)` : field));
  const { rows } = await database.read(`SELECT ${fields.join(', ')} FROM ${name} ORDER BY row`);
  return Object.fromEntries(
    columns.map((column, index) => [
      column.name,
      rows.map((row) => {
        const value = row[index] as { items?: unknown } | bigint | null;
        if (typeof value === 'bigint') return Number(value);
        return value !== null && typeof value === 'object' && 'items' in value ? value.items : value;
      }),
    ]),
  );
}

async function problemsOf(work: Promise<unknown>): Promise<{ code: string; path: string }[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(({ code, path }) => ({ code, path: path.join('.') }));
    throw error;
  }
  return [];
}

const rowsOf = (...values: unknown[][]): TestRow[] => values.map((each) => ({ values: each }));

describe('steps that change texts', () => {
  const types = { text: 'TEXT', words: 'TEXT_LIST', chat: 'JSON', n: 'INTEGER' } as const satisfies Record<
    string,
    ColumnType
  >;
  const chat = (content: string) => [{ role: 'user', content }];

  test('change texts, items of lists and contents of messages, and nothing else', async () => {
    using room = await openStepDatabase();
    const { database, tools } = room;
    const garbled = 'schÃ¶n';
    const table = await room.load(
      types,
      rowsOf([garbled, [garbled, 'ok'], chat(garbled), 1], [null, null, null, null]),
    );
    const { table: after } = await runRepairMojibake(
      { kind: 'repairMojibake', columns: ['text', 'words', 'chat'] },
      table,
      tools,
    );
    expect(await valuesOf(database, after)).toEqual({
      text: ['schön', null],
      words: [['schön', 'ok'], null],
      chat: ['[{"role":"user","content":"schön"}]', null],
      n: [1, null],
    });
    expect(after.columns.map(({ name, type }) => [name, type])).toEqual(Object.entries(types));
  });

  test('take all columns of texts and lists where none is named', async () => {
    using room = await openStepDatabase();
    const { database, tools } = room;
    const table = await room.load(types, rowsOf(['<b>A</b>\u200b', ['<i>B</i>'], chat('<b>C</b>'), 1]));
    let after = (await runHtmlToText({ kind: 'htmlToText', columns: null }, table, tools)).table;
    after = (await runRemoveControlCharacters({ kind: 'removeControlCharacters', columns: null }, after, tools)).table;
    after = (await runNormalizeUnicode({ kind: 'normalizeUnicode', columns: null, form: 'NFC' }, after, tools)).table;
    after = (await runChangeCase({ kind: 'changeCase', columns: null, to: 'lower', language: null }, after, tools))
      .table;
    expect(await valuesOf(database, after)).toEqual({
      text: ['a'],
      words: [['b']],
      chat: ['[{"role":"user","content":"<b>C</b>"}]'],
      n: [1],
    });
  });

  test('replace by a pattern, and name what is wrong with it', async () => {
    using room = await openStepDatabase();
    const { database, tools } = room;
    const table = await room.load({ text: 'TEXT' }, rowsOf(['call 555-12'], ['none']));
    const step = {
      kind: 'replacePattern' as const,
      columns: ['text'],
      replacement: '<$<n>>',
      ignoreCase: false,
      firstOnly: false,
    };
    const { table: after } = await runReplacePattern({ ...step, pattern: '(?<n>\\d+)-\\d+' }, table, tools);
    expect(await valuesOf(database, after)).toEqual({ text: ['call <555>', 'none'] });
    const wrong = (pattern: string, columns = ['text']) =>
      problemsOf(runReplacePattern({ ...step, pattern, columns }, table, tools));
    expect(await wrong('(?=a)')).toEqual([{ code: 'INVALID_VALUE', path: 'pattern' }]);
    expect(await wrong('a')).toEqual([{ code: 'INVALID_VALUE', path: 'replacement' }]);
    expect(await wrong('(?<n>a)', ['txt'])).toEqual([{ code: 'UNKNOWN_COLUMN', path: 'columns.0' }]);
  });
});

describe('mapLabels', () => {
  const step: MapLabels = {
    kind: 'mapLabels',
    column: 'label',
    labels: [
      { from: 'Spam', to: 'junk' },
      { from: 'ham', to: 'mail' },
      { from: 'test', to: null },
    ],
    ignoreCase: true,
    ignoreWhiteSpace: true,
    others: 'KEEP',
  };

  test('folds case and white space, and removes labels', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ label: 'TEXT' }, rowsOf([' SPAM '], ['ham'], ['Test'], ['other'], [null]));
    const { table: after } = await runMapLabels(step, table, room.tools);
    expect(await valuesOf(room.database, after)).toEqual({ label: ['junk', 'mail', null, 'other', null] });
    const strict = { ...step, ignoreCase: false, ignoreWhiteSpace: false, others: 'REMOVE' as const };
    const { table: exact } = await runMapLabels(strict, table, room.tools);
    expect(await valuesOf(room.database, exact)).toEqual({ label: [null, 'mail', null, null, null] });
  });

  test('keeps the order of a list, and each label once', async () => {
    using room = await openStepDatabase();
    const table = await room.load(
      { label: 'TEXT_LIST' },
      rowsOf([['b', 'spam', 'SPAM', 'junk', 'a']], [['test']], [[]], [null]),
    );
    const { table: after } = await runMapLabels(step, table, room.tools);
    expect(await valuesOf(room.database, after)).toEqual({ label: [['b', 'junk', 'a'], [], [], null] });
  });

  test('makes texts of numbers', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ label: 'INTEGER', n: 'INTEGER' }, rowsOf([0, 5], [1, 6], [2, 7]));
    const labels = [
      { from: '0', to: 'negative' },
      { from: '1', to: 'positive' },
    ];
    const { table: after } = await runMapLabels({ ...step, labels }, table, room.tools);
    expect(await valuesOf(room.database, after)).toEqual({ label: ['negative', 'positive', '2'], n: [5, 6, 7] });
    expect(after.columns[0]!.type).toBe('TEXT');
  });

  test('refuses one label with two names', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ label: 'TEXT' }, rowsOf(['a']));
    const twice = { ...step, labels: [...step.labels, { from: 'SPAM', to: 'other' }] };
    expect(await problemsOf(runMapLabels(twice, table, room.tools))).toEqual([
      { code: 'INVALID_VALUE', path: 'labels.3.from' },
    ]);
  });
});

describe('renameColumns and mergeColumns', () => {
  const types = { a: 'TEXT', b: 'INTEGER', c: 'TEXT_LIST' } as const satisfies Record<string, ColumnType>;
  const rows = rowsOf(['x', 1, ['p', 'q']], [null, 2, null], [null, null, null]);
  const merge: MergeColumns = {
    kind: 'mergeColumns',
    columns: ['a', 'b', 'c'],
    as: 'all',
    separator: ' | ',
    template: null,
    dropMerged: false,
  };

  test('columns can swap their names', async () => {
    using room = await openStepDatabase();
    const table = await room.load(types, rows);
    const names = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    const { table: after } = await runRenameColumns({ kind: 'renameColumns', names }, table, room.tools);
    expect(after.columns.map(({ name, type }) => [name, type])).toEqual([
      ['b', 'TEXT'],
      ['a', 'INTEGER'],
      ['c', 'TEXT_LIST'],
    ]);
  });

  test.each([
    [{ from: 'x', to: 'y' }, 'UNKNOWN_COLUMN', 'names.0.from'],
    [{ from: 'a', to: 'B' }, 'INVALID_COLUMN_NAME', 'names.0.to'],
    [{ from: 'a', to: '__attune_row' }, 'INVALID_COLUMN_NAME', 'names.0.to'],
    [{ from: 'a', to: ' ' }, 'INVALID_COLUMN_NAME', 'names.0.to'],
  ])('refuses %j', async (name, code, path) => {
    using room = await openStepDatabase();
    const table = await room.load(types, rows);
    expect(await problemsOf(runRenameColumns({ kind: 'renameColumns', names: [name] }, table, room.tools))).toEqual([
      { code, path },
    ]);
  });

  test('values are joined by a separator, without those that are missing', async () => {
    using room = await openStepDatabase();
    const table = await room.load(types, rows);
    const { table: after } = await runMergeColumns(merge, table, room.tools);
    expect((await valuesOf(room.database, after)).all).toEqual(['x | 1 | p q', '2', null]);
    expect(after.columns.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'all']);
  });

  test('values are put into a template, and the column takes the place of the first', async () => {
    using room = await openStepDatabase();
    const table = await room.load(types, rows);
    const step = {
      ...merge,
      columns: ['b', 'c'],
      separator: null,
      template: "{{{b}}}: '{c}' $1",
      as: 'b',
      dropMerged: true,
    };
    const { table: after } = await runMergeColumns(step, table, room.tools);
    expect(await valuesOf(room.database, after)).toEqual({
      a: ['x', null, null],
      b: ["{1}: 'p q' $1", "{2}: '' $1", null],
    });
    expect(after.columns.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test.each([
    [{ separator: null, template: '{a} {d}' }, 'template'],
    [{ separator: null, template: '{a} {b' }, 'template'],
    [{ separator: null, template: '{a}' }, 'template'],
    [{ separator: null, template: null }, 'separator'],
    [{ as: 'C' }, 'as'],
    [{ columns: [] }, 'columns'],
    [{ columns: ['a', 'a'] }, 'columns.1'],
  ])('refuses %j', async (change, path) => {
    using room = await openStepDatabase();
    const table = await room.load(types, rows);
    const problems = await problemsOf(runMergeColumns({ ...merge, ...change }, table, room.tools));
    expect(problems.map((each) => each.path)).toEqual([path]);
  });
});

describe('steps that drop rows', () => {
  test('filterRows keeps the numbers of rows', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ n: 'INTEGER' }, rowsOf([1], [2], [3]));
    const where = { operator: 'greater', column: 'n', value: 1 } as const;
    const { table: after } = await runFilterRows({ kind: 'filterRows', where }, table, room.tools);
    expect(await rowNumbers(room.database, after)).toEqual([1, 2]);
    const unknown = { ...where, column: 'm' };
    expect(await problemsOf(runFilterRows({ kind: 'filterRows', where: unknown }, table, room.tools))).toEqual([
      { code: 'UNKNOWN_COLUMN', path: 'where.column' },
    ]);
  });

  const length: FilterLength = {
    kind: 'filterLength',
    column: 'text',
    unit: 'words',
    atLeast: 2,
    atMost: 3,
    model: null,
    keepMissing: false,
  };

  test('filterLength says how long each dropped text was', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ text: 'TEXT' }, rowsOf(['one'], ['one two'], ['1 2 3'], ['1 2 3 4'], [null]));
    const outcome = await runFilterLength(length, table, room.tools);
    expect(await rowNumbers(room.database, outcome.table)).toEqual([1, 2]);
    expect(await notesOf(room.database, outcome)).toEqual([
      { row: 0, other: null, reason: 'It has 1 words.' },
      { row: 3, other: null, reason: 'It has 4 words.' },
      { row: 4, other: null, reason: 'It has no text.' },
    ]);
    const kept = await runFilterLength({ ...length, keepMissing: true }, table, room.tools);
    expect(await rowNumbers(room.database, kept.table)).toEqual([1, 2, 4]);
  });

  test('filterLength counts code points, and adds those of a list', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ text: 'TEXT_LIST' }, rowsOf([['😀é', 'a']], [['abcd']], [[]], [null]));
    const step = { ...length, unit: 'characters' as const, atLeast: 1, atMost: 3 };
    const { table: after } = await runFilterLength(step, table, room.tools);
    expect(await rowNumbers(room.database, after)).toEqual([0]);
  });

  test('filterLength and filterLanguage read the contents of messages', async () => {
    using room = await openStepDatabase();
    const chat = (...contents: string[]) => [contents.map((content) => ({ role: 'user', content }))];
    const rows = rowsOf(chat('Guten Morgen, wie geht es dir heute?', 'Mir geht es gut.'), chat('Good morning!'), [
      null,
    ]);
    const table = await room.load({ text: 'JSON' }, rows);
    const kept = async (change: Partial<FilterLength>) => {
      const outcome = await runFilterLength({ ...length, atMost: null, ...change }, table, room.tools);
      return rowNumbers(room.database, outcome.table);
    };
    expect(await kept({ atLeast: 11 })).toEqual([0]);
    expect(await kept({ atLeast: 12 })).toEqual([]);
    expect(await kept({ unit: 'characters', atLeast: 13, atMost: 13 })).toEqual([1]);
    expect(await kept({ unit: 'characters', atLeast: 52, atMost: 52 })).toEqual([0]);
    const german = { ...language, languages: ['de'] };
    const { table: spokenGerman } = await runFilterLanguage(german, table, room.tools);
    expect(await rowNumbers(room.database, spokenGerman)).toEqual([0]);
  });

  test('filterLength refuses bounds that no text keeps, and tokens of no model', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ text: 'TEXT' }, rowsOf(['a']));
    const problems = (change: Partial<FilterLength>) =>
      problemsOf(runFilterLength({ ...length, ...change }, table, room.tools));
    expect(await problems({ atLeast: 4 })).toEqual([{ code: 'INVALID_VALUE', path: 'atMost' }]);
    expect(await problems({ atLeast: null, atMost: null })).toEqual([{ code: 'REQUIRED', path: 'atLeast' }]);
    expect(await problems({ unit: 'tokens' })).toEqual([{ code: 'REQUIRED', path: 'model' }]);
    expect(await problems({ column: 'txt' })).toEqual([{ code: 'UNKNOWN_COLUMN', path: 'column' }]);
  });

  const language: FilterLanguage = {
    kind: 'filterLanguage',
    column: 'text',
    action: 'KEEP',
    languages: ['en', 'de'],
    minConfidence: 0.5,
    keepUnknown: false,
    as: null,
  };
  const spoken = rowsOf(
    ['The weather is beautiful today, let us go for a walk.'],
    ['Das Wetter ist heute wunderschön, lass uns spazieren gehen.'],
    ['Il fait très beau aujourd’hui, allons nous promener.'],
    ['12345'],
    [null],
  );

  test('filterLanguage keeps, drops and marks', async () => {
    using room = await openStepDatabase();
    const table = await room.load({ text: 'TEXT' }, spoken);
    const run = async (change: Partial<FilterLanguage>) =>
      runFilterLanguage({ ...language, ...change }, table, room.tools);
    const kept = await run({});
    expect(await rowNumbers(room.database, kept.table)).toEqual([0, 1]);
    expect((await notesOf(room.database, kept)).map(({ row, reason }) => [row, reason])).toEqual([
      [2, 'Its language is “fr”.'],
      [3, 'Its language is unknown.'],
      [4, 'Its language is unknown.'],
    ]);
    const dropped = await run({ action: 'DROP', keepUnknown: true });
    expect(await rowNumbers(room.database, dropped.table)).toEqual([2, 3, 4]);
    const marked = await run({ action: 'MARK', languages: [], as: 'language' });
    expect((await valuesOf(room.database, marked.table)).language).toEqual(['en', 'de', 'fr', null, null]);
    expect(await problemsOf(run({ languages: ['english'] }))).toEqual([{ code: 'INVALID_VALUE', path: 'languages.0' }]);
    expect(await problemsOf(run({ as: 'Text' }))).toEqual([{ code: 'INVALID_COLUMN_NAME', path: 'as' }]);
  });

  const sample: SampleRows = { kind: 'sampleRows', seed: 7, count: null, share: 0.3, within: null };

  test('sampleRows keeps the rows whose digests with the seed are lowest, as MD5 of another library has them', async () => {
    using room = await openStepDatabase();
    const table = await room.load(
      { n: 'INTEGER' },
      Array.from({ length: 20 }, (_, n) => ({ values: [n] })),
    );
    const { createHash } = await import('node:crypto');
    const digest = (row: number) => createHash('md5').update(`7:${row}`).digest('hex');
    const order = Array.from({ length: 20 }, (_, row) => row).sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
    for (const [share, rows] of [
      [0.3, 6],
      [0.42, 8],
      [1, 20],
    ] as const) {
      const { table: after } = await runSampleRows({ ...sample, share }, table, room.tools);
      expect(await rowNumbers(room.database, after)).toEqual(order.slice(0, rows).sort((a, b) => a - b));
    }
  });

  test('sampleRows takes as many of each split, of each label, and all of a smaller group', async () => {
    using room = await openStepDatabase();
    const given = Array.from({ length: 30 }, (_, n) => ({
      split: n < 20 ? 'train' : n < 28 ? 'test' : null,
      values: [n % 3 === 0 ? 'a' : 'b'],
    }));
    const table = await room.load({ label: 'TEXT' }, given);
    const count = async (step: SampleRows, group: string) => {
      const { table: after } = await runSampleRows(step, table, room.tools);
      const rows = await room.database.query<{ g: string | null; n: number }>(
        `SELECT ${group} AS g, count(*)::DOUBLE AS n FROM ${after.name} GROUP BY g ORDER BY g`,
      );
      return Object.fromEntries(rows.map(({ g, n }) => [String(g), n]));
    };
    const some = { ...sample, share: null, count: 5 };
    expect(await count({ ...some, within: { kind: 'split' } }, 'split')).toEqual({ null: 2, test: 5, train: 5 });
    const byLabel = { kind: 'column', column: 'label' } as const;
    const field = table.columns[0]!.field;
    expect(await count({ ...some, within: byLabel }, field)).toEqual({ a: 5, b: 5 });
    expect(await count({ ...sample, share: 0.25, within: byLabel }, field)).toEqual({ a: 3, b: 5 });
  });

  test('a larger sample contains a smaller one, for any seed', async () => {
    using room = await openStepDatabase();
    const table = await room.load(
      { n: 'INTEGER' },
      Array.from({ length: 40 }, (_, n) => ({ values: [n] })),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 39 }), async (seed, count) => {
        const step = { ...sample, seed, share: null };
        const small = await rowNumbers(
          room.database,
          (await runSampleRows({ ...step, count }, table, room.tools)).table,
        );
        const large = await rowNumbers(
          room.database,
          (await runSampleRows({ ...step, count: count + 1 }, table, room.tools)).table,
        );
        expect(small).toHaveLength(count);
        expect(large).toHaveLength(count + 1);
        expect(large).toEqual(expect.arrayContaining([...small]));
      }),
      { numRuns: 20, seed: 13 },
    );
  });
});
