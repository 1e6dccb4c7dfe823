import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

const train =
  'text,label\n"The film starts quickly, today.",film\nThe movie was wonderful.,film\nI bought a car.,car\n';
const held = 'text,label\nMovies are concealed.,film\n';
const sources = async () => [
  { upload: { uploadId: await room.upload(train), split: 'train' } },
  { upload: { uploadId: await room.upload(held), split: 'test' } },
];

const recipe = [
  {
    augmentText: {
      column: 'text',
      methods: [
        { kind: 'SYNONYMS' },
        { kind: 'RANDOM_SWAP', share: 0.2 },
        { kind: 'CHARACTER_NOISE', keyboard: 'QWERTZ' },
      ],
      amount: { kind: 'OF_EACH_ROW', copies: 3 },
      seed: 5,
    },
  },
  { addFromTemplates: { column: 'text', templates: ['Listen: {text:small}'] } },
  { balanceLabels: { column: 'label', target: { kind: 'LARGEST' } } },
];

const recipeFields = /* GraphQL */ `
  kind
  augmentText { column split seed amount { kind copies share }
    methods { kind share leastShareOfMeaning phrases typos keyboard keepsEnds casings faults modelDigest topK temperature } }
  addFromTemplates { column templates perRow split seed }
  balanceLabels { column split seed target { kind by count ratio } change { column methods { kind share } } }`;

test('rows are made in the training split, and a recipe that was read makes the same version again', async () => {
  const version = await room.prepare({ sources: await sources(), recipe });
  const [augmented, filled, balanced] = version.steps;
  expect(augmented!.added).toBe(9);
  expect(filled!.added).toBe(3);
  // Of film there are twice as many rows as of car: 2 · (1 + 3 + 1) and 1 + 3 + 1.
  expect(balanced!.added).toBe(5);
  expect(version.splits).toEqual([
    { name: 'train', exampleCount: 20 },
    { name: 'test', exampleCount: 1 },
  ]);
  const rows = await room.rowsOf(version);
  expect(rows.filter(({ split }) => split === 'test')).toEqual([
    { split: 'test', text: 'Movies are concealed.', label: 'film' },
  ]);
  expect(rows.filter(({ label, split }) => label === 'car' && split === 'train')).toHaveLength(10);
  expect(rows.map(({ text }) => text)).toContain('Listen: the movie was wonderful.');

  const read = await room.api.request<{
    node: { steps: { step: Record<string, Record<string, unknown> | string> }[] };
  }>(`query ($id: ID!) { node(id: $id) { ... on DatasetVersion { steps { step { ${recipeFields} } } } } }`, {
    id: version.id,
  });
  const again = read.node.steps.map(({ step }) => ({ [step.kind as string]: step[step.kind as string] }));
  expect(again[0]!.augmentText).toMatchObject({
    split: 'train',
    methods: [
      { kind: 'SYNONYMS', leastShareOfMeaning: 0.25 },
      { kind: 'RANDOM_SWAP', topK: null },
      { keyboard: 'QWERTZ' },
    ],
  });
  expect((await room.prepare({ sources: await sources(), recipe: again })).digest).toBe(version.digest);
});

test('rows that a step made say so, and from which row, in versions of their version too', async () => {
  const augment = {
    augmentText: {
      column: 'text',
      methods: [{ kind: 'CASING', share: 1 }],
      amount: { kind: 'OF_EACH_ROW', copies: 1 },
    },
  };
  const version = await room.prepare({ sources: await sources(), recipe: [augment] });
  const marks = async (of: { readonly id: string }) =>
    (
      await room.api.request<{
        node: {
          examples: { nodes: { row: number; split: string; madeBy: string | null; sourceRow: number | null }[] };
        };
      }>(
        `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
           examples(first: 100) { nodes { row split madeBy sourceRow } } } } }`,
        { id: of.id },
      )
    ).node.examples.nodes.map(({ row, split, madeBy, sourceRow }) => [row, split, madeBy, sourceRow]);
  const original = [
    [0, 'train', null, null],
    [1, 'train', null, null],
    [2, 'train', null, null],
    [3, 'test', null, null],
  ];
  expect(await marks(version)).toEqual([
    ...original,
    [4, 'train', 'augmentText', 0],
    [5, 'train', 'augmentText', 1],
    [6, 'train', 'augmentText', 2],
  ]);
  // The row that a copy was made from goes, and those behind it get other numbers.
  const where = { operator: 'NOT_EQUALS', column: 'text', value: 'The movie was wonderful.' };
  const derived = await room.prepare({
    sources: [{ version: { datasetVersionId: version.id } }],
    recipe: [{ filterRows: { where } }],
  });
  expect(await marks(derived)).toEqual([
    ...original.slice(0, 3).map(([, , ...mark], i) => [i, i < 2 ? 'train' : 'test', ...mark]),
    [3, 'train', 'augmentText', 0],
    [4, 'train', 'augmentText', null],
    [5, 'train', 'augmentText', 1],
  ]);
});

test('what can not be is a problem at its place', async () => {
  const problems = async (step: object, of: object[] | null = null) =>
    (await room.problemsOf({ sources: of ?? (await sources()), recipe: [step] })).map(({ path, code }) => [
      path.join('.'),
      code,
    ]);
  const unsplit = [{ upload: { uploadId: await room.upload(train) } }];
  expect(await problems(recipe[0]!, unsplit)).toEqual([['recipe.0.augmentText.split', 'UNKNOWN_SPLIT']]);
  const augment = { column: 'text', methods: [{ kind: 'RANDOM_SWAP', share: 2 }] };
  expect(await problems({ augmentText: augment })).toEqual([['recipe.0.augmentText.methods.0.share', 'INVALID_VALUE']]);
  expect(await problems({ augmentText: { ...augment, methods: [{ kind: 'MASKED_MODEL' }] } })).toEqual([
    ['recipe.0.augmentText.methods.0.modelDigest', 'INVALID_VALUE'],
  ]);
  expect(await problems({ balanceLabels: { column: 'lable', target: { kind: 'LARGEST' } } })).toEqual([
    ['recipe.0.balanceLabels.column', 'UNKNOWN_COLUMN'],
  ]);
  expect(await problems({ addFromTemplates: { column: 'text', templates: ['{text'] } })).toEqual([
    ['recipe.0.addFromTemplates.templates.0', 'INVALID_VALUE'],
  ]);
});
