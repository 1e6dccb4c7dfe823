import { expect, it } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { stepsInOrder } from '../../../../gpu-worker/preparation/report/step-order.js';
import {
  balanceLabels,
  drawGroups,
  drawStratified,
  dropColumns,
} from '../../../../gpu-worker/preparation/report/suggested-steps.js';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { detectLanguage } from '../../../../gpu-worker/preparation/text/language-of-text.js';
import { Recipe } from '../../../../src/protocol/preparation/recipe.js';
import type { ReportFinding, SuggestedStep } from '../../../../src/protocol/preparation/report-finding.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { reportGuessed } from '../../../support/reports.js';
import { openStepDatabase } from '../../../support/step-database.js';

const things = ['parcel', 'invoice', 'lamp', 'address', 'key', 'ticket', 'password', 'order'];
const wishes = ['is missing since Monday', 'was sent to my neighbour', 'is not what I asked for', 'has to be changed'];
const german = ['Mein Paket ist seit gestern nicht angekommen', 'Ich möchte meine Rechnung noch einmal haben'];

/** Rows with faults of several kinds, whose right treatment can be told by hand. */
const rows = [
  ...Array.from({ length: 64 }, (_, i) => ({
    text: `Customer ${i} tells us that the ${things[i % 8]} ${wishes[(i >> 3) % 4]} and that nobody answers ${i + 7} letters`,
    label: i % 2 === 0 ? 'delivery' : 'payment',
    split: i % 5 === 4 ? 'test' : 'train',
  })),
  // Two of three votes, one of them in another spelling.
  { text: 'Where is the thing that I have paid for twice?', label: 'payment', split: 'train' },
  { text: 'Where is the thing that I have paid for twice?', label: 'delivery', split: 'train' },
  { text: 'Where is the thing that I have paid for twice?', label: 'Payment', split: 'train' },
  // Equal but for what is masked.
  ...Array.from({ length: 4 }, (_, i) => ({
    text: `Please write to buyer${i}@site.org as soon as the new catalogue is there`,
    label: i % 2 === 0 ? 'delivery' : 'payment',
    split: 'train',
  })),
  ...german.flatMap((text) =>
    [1, 2].map((day) => ({ text: `${text}, obwohl ich schon ${day} Wochen warte`, label: 'delivery', split: 'train' })),
  ),
].map((row) => ({ ...row, contact: 'desk@site.org' }));

it('do what their findings say, all of them one after another in the order of the findings', async () => {
  const types = { text: 'VARCHAR', label: 'VARCHAR', contact: 'VARCHAR' };
  const { findings } = await reportGuessed(types, rows, [], {
    scanPersonalData: createScan(usualScan),
    detectLanguage: (text) => {
      const { language, confidence } = detectLanguage(text);
      return confidence < 0.9 ? null : language;
    },
  });
  const suggested = findings.filter(({ suggestedStep }) => suggestedStep !== null);
  expect(suggested.map(({ code, columns: [column] }) => [code, column])).toEqual([
    ['LABEL_VARIANTS', 'label'],
    ['MIXED_LANGUAGES', 'text'],
    ['LABEL_CONFLICTS', 'label'],
    ['EXACT_DUPLICATES', 'text'],
    ['PERSONAL_DATA', 'contact'],
    ['PERSONAL_DATA', 'text'],
    ['CONSTANT_COLUMN', 'contact'],
  ]);
  using tables = await openStepDatabase();
  const table = await tables.load(
    { text: 'TEXT', label: 'TEXT', contact: 'TEXT' },
    rows.map(({ split, ...values }) => ({ split, values })),
  );
  const recipe = Recipe.parse(suggested.map(({ suggestedStep }) => suggestedStep));
  const { table: made, reports } = await runRecipe(recipe, table, tables.tools);
  expect(reports.map(({ changed, dropped }) => [changed, dropped])).toEqual([
    [1, 0],
    [0, 4],
    [1, 0],
    [0, 2],
    [65 + 4, 0],
    [4, 0],
    [0, 0],
  ]);
  const left = await tables.rows(made);
  expect(left).toHaveLength(64 + 1 + 4);
  expect(left.filter(({ text }) => text === rows[64]!.text)).toMatchObject([{ label: 'payment' }]);
  expect(left[0]).not.toHaveProperty('contact');
});

it('draw splits of the rows that stay, by groups at last, and copy rows after that', () => {
  const finding = (code: ReportFinding['code'], columns: readonly string[], suggestedStep: SuggestedStep | null) =>
    ({ code, columns, suggestedStep }) as ReportFinding;
  const splits = [{ split: 'train', rows: 8 }];
  const given = [
    finding('IMBALANCED_LABELS', ['label'], balanceLabels('label', 'train')),
    finding('COLUMN_GIVES_LABEL_AWAY', ['author', 'label'], dropColumns(['author'])),
    finding('SINGLE_CLASS', ['label'], null),
    finding('GROUP_IN_SEVERAL_SPLITS', ['author'], drawGroups(splits, 'author', 'label')),
    finding('CLASS_MISSING_IN_SPLIT', ['label'], drawStratified(splits, 'label')),
  ];
  expect(stepsInOrder(given).map(({ code }) => code)).toEqual([
    'CLASS_MISSING_IN_SPLIT',
    'GROUP_IN_SEVERAL_SPLITS',
    'IMBALANCED_LABELS',
    'COLUMN_GIVES_LABEL_AWAY',
    'SINGLE_CLASS',
  ]);
});
