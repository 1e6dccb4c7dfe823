import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

const csv = `text,label
"<p>Das Paket 12345 ist&nbsp;heute  nicht angekommen.</p>", SPAM
"Ich wÃ¼nsche dir einen schÃ¶nen Tag, bis morgen.",ham
"This is not a German sentence, it is an English one.",ham
Ja.,ham
"Hier fehlt leider die Klasse dieses Textes.",
`;
const recipe = [
  { repairMojibake: {} },
  { htmlToText: { columns: ['text'] } },
  { removeControlCharacters: {} },
  { normalizeUnicode: { form: 'NFKC' } },
  { replacePattern: { columns: ['text'], pattern: '(?<first>\\d)\\d+', replacement: '$<first>…' } },
  { collapseWhiteSpace: {} },
  { mapLabels: { column: 'label', labels: [{ from: 'spam', to: 'junk' }], ignoreCase: true } },
  {
    filterRows: {
      where: {
        operator: 'AND',
        conditions: [
          { operator: 'IS_PRESENT', column: 'label' },
          { operator: 'NOT', condition: { operator: 'MATCHES', column: 'text', pattern: '^ja', ignoreCase: true } },
        ],
      },
    },
  },
  { filterLength: { column: 'text', unit: 'WORDS', atLeast: 2 } },
  { filterLanguage: { column: 'text', languages: ['de'], as: 'language' } },
  { mergeColumns: { columns: ['label', 'text'], as: 'both', template: '{label}: {text}' } },
  { changeCase: { columns: ['both'], to: 'UPPER', language: 'de' } },
  { renameColumns: { names: [{ from: 'both', to: 'merged' }] } },
  { sampleRows: { count: 5, within: { kind: 'COLUMN', column: 'label' } } },
];
const split = { fractions: [{ name: 'train', fraction: 1 }] };
const sources = async () => [{ upload: { uploadId: await room.upload(csv) } }];

test('a version is cleaned by a recipe that was sent to the graph', async () => {
  const version = await room.prepare({ sources: await sources(), recipe, split });
  expect(await room.rowsOf(version)).toEqual([
    {
      split: 'train',
      text: 'Das Paket 1... ist heute nicht angekommen.'.replace('...', '…'),
      label: 'junk',
      language: 'de',
      merged: 'JUNK: DAS PAKET 1… IST HEUTE NICHT ANGEKOMMEN.',
    },
    {
      split: 'train',
      text: 'Ich wünsche dir einen schönen Tag, bis morgen.',
      label: 'ham',
      language: 'de',
      merged: 'HAM: ICH WÜNSCHE DIR EINEN SCHÖNEN TAG, BIS MORGEN.',
    },
  ]);
  expect(version.steps.map(({ step, changed, dropped }) => [step.kind, changed, dropped])).toEqual([
    ['repairMojibake', 1, 0],
    ['htmlToText', 1, 0],
    ['removeControlCharacters', 0, 0],
    ['normalizeUnicode', 1, 0],
    ['replacePattern', 1, 0],
    ['collapseWhiteSpace', 1, 0],
    ['mapLabels', 1, 0],
    ['filterRows', 0, 2],
    ['filterLength', 0, 0],
    ['filterLanguage', 2, 1],
    ['mergeColumns', 2, 0],
    ['changeCase', 2, 0],
    ['renameColumns', 0, 0],
    ['sampleRows', 0, 0],
  ]);
  expect(version.steps[9]!.examples).toMatchObject([
    { change: 'CHANGED', row: 0, after: [{ column: 'language', text: 'de' }] },
    { change: 'CHANGED' },
    { change: 'DROPPED', row: 2, reason: 'Its language is “en”.' },
  ]);
});

test('the same recipe makes the same bytes', async () => {
  const [first, second] = [
    await room.prepare({ sources: await sources(), recipe, split }),
    await room.prepare({ sources: await sources(), recipe, split }),
  ];
  expect(second.digest).toBe(first.digest);
});

test.each([
  [{ replacePattern: { pattern: '(a)\\1' } }, ['replacePattern', 'pattern'], 'INVALID_VALUE'],
  [
    { filterRows: { where: { operator: 'EQUALS', column: 'text' } } },
    ['filterRows', 'where', 'value'],
    'INVALID_VALUE',
  ],
  [
    { filterRows: { where: { operator: 'NOT', condition: { operator: 'IS_MISSING', column: 'txt' } } } },
    ['filterRows', 'where', 'condition', 'column'],
    'UNKNOWN_COLUMN',
  ],
  [{ mapLabels: { column: 'labels', labels: [{ from: 'a', to: 'b' }] } }, ['mapLabels', 'column'], 'UNKNOWN_COLUMN'],
  [{ filterLength: { column: 'text' } }, ['filterLength', 'atLeast'], 'REQUIRED'],
  [
    { filterLength: { column: 'text', unit: 'TOKENS', atLeast: 1, model: '0'.repeat(64) } },
    ['filterLength', 'model'],
    'NOT_FOUND',
  ],
  [
    { filterLanguage: { column: 'text', languages: ['english'] } },
    ['filterLanguage', 'languages', '0'],
    'INVALID_VALUE',
  ],
  [
    { renameColumns: { names: [{ from: 'text', to: 'label' }] } },
    ['renameColumns', 'names', '0', 'to'],
    'INVALID_COLUMN_NAME',
  ],
  [{ sampleRows: {} }, ['sampleRows', 'count'], 'INVALID_VALUE'],
])('%j has a problem where it is wrong', async (step, path, code) => {
  const problems = await room.problemsOf({ sources: await sources(), recipe: [step] });
  expect(problems).toMatchObject([{ code, path: ['recipe', '0', ...path] }]);
});
