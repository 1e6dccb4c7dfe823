import { expect, test } from 'vitest';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { type MaskPersonalData, usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { openStepDatabase } from '../../../support/step-database.js';

const step: MaskPersonalData = { kind: 'maskPersonalData', columns: null, ...usualScan, mask: 'LABEL', seed: 0 };

/** Three rows of a text, a list of texts, messages and a number. */
async function openRows() {
  const tables = await openStepDatabase();
  const { database, tools } = tables;
  const table = await tables.load({ text: 'TEXT', lines: 'TEXT_LIST', messages: 'JSON', label: 'INTEGER' }, [
    {
      values: ['mail joe@site.org', ['call 415-555-2671', null], [{ role: 'user', content: 'I am joe@site.org' }], 1],
    },
    { values: ['nothing here', ['a'], [], 2] },
    { values: [null, null, null, 3] },
  ]);
  const [text, lines, messages, label] = table.columns.map(({ field }) => field);
  const columns =
    `${text} AS text, CAST(${lines} AS VARCHAR) AS lines, CAST(${messages} AS VARCHAR) AS messages, ` +
    `${label}::INTEGER AS label`;
  return {
    table,
    tools,
    read: (name: string) => database.query(`SELECT ${columns} FROM ${name} ORDER BY row`),
    [Symbol.dispose]: () => tables[Symbol.dispose](),
  };
}

test('texts, items of lists and messages are masked, what holds nothing stays', async () => {
  using rows = await openRows();
  const { table, reports } = await runRecipe(
    [{ ...step, columns: ['text', 'lines', 'messages'] }],
    rows.table,
    rows.tools,
  );
  expect(await rows.read(table.name)).toEqual([
    {
      text: 'mail [EMAIL]',
      lines: "['call [PHONE]', NULL]",
      messages: '[{"role":"user","content":"I am [EMAIL]"}]',
      label: 1,
    },
    { text: 'nothing here', lines: '[a]', messages: '[]', label: 2 },
    { text: null, lines: null, messages: null, label: 3 },
  ]);
  expect(reports).toMatchObject([{ rowsBefore: 3, rowsAfter: 3, changed: 1, dropped: 0, added: 0 }]);
  expect(reports[0]!.examples).toMatchObject([{ change: 'CHANGED', row: 0 }]);
});

test('the same seed makes the same rows, and a second time changes nothing', async () => {
  using rows = await openRows();
  const hashed: MaskPersonalData = { ...step, mask: 'HASH', seed: 3 };
  const once = await runRecipe([hashed], rows.table, rows.tools);
  const twice = await runRecipe([hashed, hashed], rows.table, rows.tools);
  expect(await rows.read(twice.table.name)).toEqual(await rows.read(once.table.name));
  expect(twice.reports.map(({ changed }) => changed)).toEqual([1, 0]);
});

test('what is wrong with a step is said with its place', async () => {
  using rows = await openRows();
  const run = (wrong: Partial<MaskPersonalData>) => runRecipe([{ ...step, ...wrong }], rows.table, rows.tools);
  await expect(run({ phoneRegions: ['US', 'XX'] })).rejects.toMatchObject({
    problems: [{ path: ['recipe', '0', 'maskPersonalData', 'phoneRegions', '1'], code: 'INVALID_VALUE' }],
  });
  await expect(run({ columns: ['txt'] })).rejects.toMatchObject({
    problems: [{ path: ['recipe', '0', 'maskPersonalData', 'columns', '0'], code: 'UNKNOWN_COLUMN' }],
  });
  await expect(run({ columns: ['label'] })).rejects.toMatchObject({
    problems: [{ path: ['recipe', '0', 'maskPersonalData', 'columns', '0'], code: 'WRONG_COLUMN_TYPE' }],
  });
});
