import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { reportDataset } from '../../../../gpu-worker/preparation/report/report-dataset.js';
import { textTypes } from '../../../../src/preparation/checks/named-columns.js';
import { checkRecipe } from '../../../../src/preparation/checks/recipe.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import { ColumnRole } from '../../../../src/protocol/preparation/column-role.js';
import { PreparationStep } from '../../../../src/protocol/preparation/recipe.js';
import { DatasetReport } from '../../../../src/protocol/preparation/report.js';
import { usualNearMatch } from '../../../../src/protocol/preparation/steps/duplicates.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { openReportRoom, type PlainRow } from '../../../support/report-file.js';

// Whatever a table holds, a report of it can be stored, is the same twice, and suggests steps that can be applied.

const types = {
  TEXT: 'VARCHAR',
  INTEGER: 'BIGINT',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  TEXT_LIST: 'VARCHAR[]',
  INTEGER_LIST: 'BIGINT[]',
  JSON: 'JSON',
} as const satisfies Partial<Record<ColumnType, string>>;
type Type = keyof typeof types;

const oddTexts = [
  '',
  ' ',
  '\u00a0\t',
  '😀👩‍👩‍👧',
  'é',
  'e\u0301',
  'Ÿþý',
  'Ã¤',
  '\u202eabc',
  "'; DROP TABLE x; --",
  '{"a": 1}',
  '[]',
  'null',
  'x'.repeat(5000),
  'a b c d e f g h i j',
  'A  b c d e f g h i J',
  'me@site.org',
  '\u0001',
];
const text = fc
  .oneof(fc.constantFrom(...oddTexts), fc.string({ unit: 'grapheme', maxLength: 30 }))
  .map((value) => value.replaceAll('\0', ''));
const turns = fc.array(
  fc.record({ role: fc.constantFrom('user', 'assistant', 'system', 'robot', ''), content: text }),
  { maxLength: 4 },
);
const valuesOf: Readonly<Record<Type, fc.Arbitrary<unknown>>> = {
  TEXT: text,
  INTEGER: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(9007199254740991, -9007199254740991)),
  FLOAT: fc.oneof(
    fc.double({ min: -9, max: 9, noNaN: true }),
    fc.constantFrom('NaN', 'Infinity', '-Infinity', 1e300, 0),
  ),
  BOOLEAN: fc.boolean(),
  TIMESTAMP: fc.constantFrom('2024-02-29 00:00:00', '0001-01-01', '9999-12-31 23:59:59'),
  TEXT_LIST: fc.array(text, { maxLength: 4 }),
  INTEGER_LIST: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
  JSON: fc
    .oneof(turns, fc.constantFrom({}, [], 3, 'text', [{ from: 'human', value: 'a' }], [null]))
    .map((value) => JSON.stringify(value)),
};

const column = fc.record({
  name: fc.constantFrom('text', 'label', "a 'b'", 'spalte ü', 'row', 'Split', '$.x', 'count(*)'),
  type: fc.constantFrom(...(Object.keys(types) as Type[])),
  role: fc.option(fc.constantFrom(...ColumnRole.options)),
  missing: fc.constantFrom(0, 0.3, 1),
});
const table = fc.uniqueArray(column, { minLength: 1, maxLength: 4, selector: ({ name }) => name }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(
      fc.tuple(
        fc.constantFrom('train', 'test', 'validation'),
        fc.tuple(
          ...columns.map(({ type, missing }) =>
            fc.tuple(
              fc.double({ min: 0, max: 1, noNaN: true }).map((drawn) => drawn < missing),
              valuesOf[type],
            ),
          ),
        ),
      ),
      { minLength: 1, maxLength: 14 },
    ),
  }),
);

/** Roles that somebody may give to columns without texts, of which no step can be suggested. */
const ofTexts = new Set<ColumnRole>([
  'TEXT',
  'SECOND_TEXT',
  'PROMPT',
  'COMPLETION',
  'CHOSEN',
  'REJECTED',
  'TOKENS',
  'MESSAGES',
]);

const near = {
  ...usualNearMatch,
  shingles: { unit: usualNearMatch.shingleUnit, size: usualNearMatch.shingleSize },
  mostRows: 1000,
};
const parts = { model: null, scanPersonalData: createScan(usualScan), detectLanguage: null, encoder: null, near };
const options = { fewExamples: 2, readRows: 1000, encodedRows: 100, seed: 1 };

test('of any table, a report can be made, stored and repeated, and its steps applied', async () => {
  await using room = await openReportRoom();
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('SAID', 'GUESSED'), async ({ columns, rows }, source) => {
      const given = rows.map(
        ([split, cells]): PlainRow => ({
          split,
          ...Object.fromEntries(columns.map(({ name }, i) => [name, cells[i]![0] ? null : cells[i]![1]])),
        }),
      );
      const file = await room.write(
        Object.fromEntries(columns.map(({ name, type }) => [name, types[type]])),
        Object.fromEntries(columns.flatMap(({ name, role }) => (role === null ? [] : [[name, role]]))),
        given,
        source,
      );
      const report = await reportDataset(room.tools, file, parts, options);
      // As the database stores it, and reads it again.
      const stored = DatasetReport.parse(JSON.parse(JSON.stringify(report)));
      expect(stored).toEqual(report);
      expect(await reportDataset(room.tools, file, parts, options)).toEqual(report);
      expect(report.rows).toBe(rows.length);
      const known = columns.map(({ name, type }) => ({ name, type }));
      const areFitting = columns.every(
        ({ role, type }) => role === null || textTypes.includes(type) || !ofTexts.has(role),
      );
      for (const { suggestedStep, code, examples } of report.findings) {
        for (const example of examples) expect(example.row).toBeLessThan(rows.length);
        if (suggestedStep === null) continue;
        const step = PreparationStep.safeParse(suggestedStep);
        expect([code, step.error?.issues ?? []]).toEqual([code, []]);
        if (areFitting) expect([code, checkRecipe([step.data!], known)]).toEqual([code, []]);
      }
    }),
    { numRuns: 25 },
  );
}, 240_000);
