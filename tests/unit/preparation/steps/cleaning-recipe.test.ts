import { expect, test } from 'vitest';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { ProblemsError } from '../../../../src/problems/problem.js';
import { Recipe } from '../../../../src/protocol/preparation/recipe.js';
import { openStepDatabase } from '../../../support/step-database.js';

const recipe = [
  { kind: 'repairMojibake', columns: null },
  { kind: 'htmlToText', columns: ['body'] },
  { kind: 'removeControlCharacters', columns: null },
  { kind: 'normalizeUnicode', columns: null, form: 'NFC' },
  {
    kind: 'replacePattern',
    columns: ['body'],
    pattern: '\\d{4,}',
    replacement: '#',
    ignoreCase: false,
    firstOnly: false,
  },
  { kind: 'collapseWhiteSpace', columns: null, keepLineBreaks: false, trim: true },
  {
    kind: 'mapLabels',
    column: 'label',
    labels: [{ from: 'spam', to: 'junk' }],
    ignoreCase: true,
    ignoreWhiteSpace: true,
    others: 'KEEP',
  },
  { kind: 'filterRows', where: { operator: 'isPresent', column: 'label' } },
  { kind: 'filterLength', column: 'body', unit: 'words', atLeast: 2, atMost: null, model: null, keepMissing: false },
  {
    kind: 'filterLanguage',
    column: 'body',
    action: 'KEEP',
    languages: ['de'],
    minConfidence: 0.5,
    keepUnknown: false,
    as: 'language',
  },
  { kind: 'mergeColumns', columns: ['title', 'body'], as: 'text', separator: ': ', template: null, dropMerged: true },
  { kind: 'changeCase', columns: ['text'], to: 'lower', language: 'de' },
  { kind: 'renameColumns', names: [{ from: 'label', to: 'class' }] },
  { kind: 'sampleRows', seed: 1, count: 10, share: null, within: null },
];
const rows = [
  { values: ['Ã„rger', '<p>Das Paket  12345 ist\u200b heute nicht angekommen.</p>', ' SPAM '] },
  { values: ['Gruß', 'Ich wünsche dir einen schönen Tag, bis morgen.', 'ham'] },
  { values: ['Hello', 'This is not a German sentence, it is an English one.', 'ham'] },
  { values: ['kurz', 'Ja.', 'ham'] },
  { values: ['ohne', 'Hier fehlt leider die Klasse dieses Textes.', null] },
];

test('a recipe of all steps of cleaning leaves the rows that are meant, and says what each step did', async () => {
  using room = await openStepDatabase();
  const table = await room.load({ title: 'TEXT', body: 'TEXT', label: 'TEXT' }, rows);
  const { table: after, reports } = await runRecipe(Recipe.parse(recipe), table, room.tools);
  const fields = Object.fromEntries(after.columns.map(({ name, field }) => [name, field]));
  expect(Object.keys(fields)).toEqual(['text', 'class', 'language']);
  const { rows: left } = await room.database.read(
    `SELECT ${fields.text}, ${fields.class}, ${fields.language} FROM ${after.name} ORDER BY row`,
  );
  expect(left).toEqual([
    ['ärger: das paket # ist heute nicht angekommen.', 'junk', 'de'],
    ['gruß: ich wünsche dir einen schönen tag, bis morgen.', 'ham', 'de'],
  ]);
  const [changed, dropped] = [reports.map((report) => report.changed), reports.map((report) => report.dropped)];
  expect(changed).toEqual([1, 1, 1, 0, 1, 1, 1, 0, 0, 2, 2, 2, 0, 0]);
  expect(dropped).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
  expect(reports[8]!.examples[0]).toMatchObject({ change: 'DROPPED', row: 3, reason: 'It has 1 words.' });
  // The rows that stay are examples, too: their language is new.
  const inEnglish = reports[9]!.examples.find(({ change }) => change === 'DROPPED');
  expect(inEnglish).toMatchObject({ change: 'DROPPED', row: 2, reason: 'Its language is “en”.' });
  expect(reports[10]).toMatchObject({ columnsAdded: ['text'], columnsDropped: ['title', 'body'] });
});

test('a problem of a step has the path to its place in the recipe', async () => {
  using room = await openStepDatabase();
  const table = await room.load({ title: 'TEXT', body: 'TEXT', label: 'TEXT' }, rows);
  const where = { operator: 'not', condition: { operator: 'equals', column: 'titel', value: 'a' } };
  const wrong = runRecipe(Recipe.parse([recipe[0], { kind: 'filterRows', where }]), table, room.tools);
  await expect(wrong).rejects.toThrow(ProblemsError);
  await expect(wrong).rejects.toMatchObject({
    problems: [
      {
        code: 'UNKNOWN_COLUMN',
        path: ['recipe', '1', 'filterRows', 'where', 'condition', 'column'],
        hint: expect.stringContaining('“title”'),
      },
    ],
  });
});
