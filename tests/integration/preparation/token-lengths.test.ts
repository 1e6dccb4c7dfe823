import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { runFilterLength } from '../../../gpu-worker/preparation/steps/filter-length.js';
import { tokenCounter } from '../../../gpu-worker/preparation/token-counter.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FilterLength } from '../../../src/protocol/preparation/steps/filters.js';
import { openStepDatabase, rowNumbers } from '../../support/step-database.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop?.close());

test('texts are kept by the number of tokens that a model reads, special ones included', async () => {
  const folder = fileURLToPath(new URL('../../numerics/reference/masked/bert', import.meta.url));
  const { digest } = await importModel(fromFolder(folder), workshop.tools);
  const { store } = workshop.tools;
  using room = await openStepDatabase();
  const tools = { ...room.tools, tokenCounter: (model: string) => tokenCounter(store, model) };
  // Each full stop is a token of its own; [CLS] and [SEP] stand around every text.
  const texts = ['', '.', '..', '...', '. '.repeat(2000)];
  const table = await room.load(
    { text: 'TEXT' },
    texts.map((text) => ({ values: [text] })),
  );
  const step: FilterLength = {
    kind: 'filterLength',
    column: 'text',
    unit: 'tokens',
    atLeast: 3,
    atMost: 4,
    model: digest,
    keepMissing: false,
  };
  const { table: kept } = await runFilterLength(step, table, tools);
  expect(await rowNumbers(room.database, kept)).toEqual([1, 2]);
  const { table: long } = await runFilterLength({ ...step, atLeast: 2002, atMost: 2002 }, table, tools);
  expect(await rowNumbers(room.database, long)).toEqual([4]);

  const lost = runFilterLength({ ...step, model: '0'.repeat(64) }, table, tools);
  await expect(lost).rejects.toThrow(ProblemsError);
  await expect(lost).rejects.toMatchObject({ problems: [{ code: 'MISSING_ARTIFACT', path: ['model'] }] });
});
