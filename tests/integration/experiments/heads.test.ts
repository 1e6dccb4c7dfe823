import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiWithData, startApiWithData } from '../../support/head-data.js';

/**
 * Four examples to learn from, of which the last has no topics, topic or numbers; two to validate and one to test on.
 */
const rows = [
  ['train', 'Ada met Alan', ['B-PER', 'O', 'B-PER'], ['N', 'V', 'N'], ['people'], 'people', 5, 0.5],
  ['train', 'rain in Paris', ['O', 'O', 'B-LOC'], ['N', 'P', 'N'], ['weather', 'places'], 'weather', 1, 2],
  ['train', 'nothing at all', ['O', 'O', 'O'], ['N', 'P', 'N'], [], 'people', 3, null],
  ['train', 'Paris', ['B-LOC'], ['N'], null, null, null, null],
  ['validation', 'Alan in Paris', ['B-PER', 'O', 'B-LOC'], ['N', 'P', 'N'], ['people', 'places'], 'people', 4, 1],
  ['validation', 'rain', ['O'], ['N'], ['weather'], 'weather', 2, 2],
  ['test', 'Ada', ['B-PER'], ['N'], ['people'], 'people', 5, 0],
].map(([part, text, tags, kinds, topics, topic, stars, score]) => {
  return { part, text, words: String(text).split(' '), tags, kinds, topics, topic, stars, score };
});

let data: ApiWithData;
let version: string;
beforeAll(async () => {
  data = await startApiWithData();
  version = await data.addData(rows);
});
afterAll(() => data?.[Symbol.asyncDispose]());

const headFields = /* GraphQL */ `
  kind targetColumns outputs
  ... on TrainedClassificationHead { labelColumn labels classWeights { kind weights { label weight } } }
  ... on TrainedMultiLabelHead {
    labelColumn labels classWeights { kind weights { label weight } } thresholds { kind thresholds { label threshold } }
  }
  ... on TrainedTokenClassificationHead { tagColumn tags scheme classWeights { kind weights { label weight } } }`;

async function methodOf(experimentId: string): Promise<Record<string, unknown>> {
  const { experiment } = await data.api.request<{ experiment: { method: Record<string, unknown> } }>(
    `query ($id: ID!) { experiment(id: $id) { method {
      ... on SupervisedFineTuning { head { ${headFields} } labelColumn labels classWeights { kind } }
      ... on MultiTaskFineTuning { tasks { name weight head { ${headFields} } labelColumn labels } } } } }`,
    { id: experimentId },
  );
  return experiment.method;
}

const none = { kind: 'NONE', weights: [] };

/**
 * An input, the head in the spec that it makes, and what the graph shows of it: in full, and in the fields that are
 * older.
 */
const kinds: [
  string,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
][] = [
  [
    'classification, in short',
    { textColumn: 'text', labelColumn: 'topic' },
    {
      kind: 'classification',
      labelColumn: 'topic',
      labels: ['people', 'weather'],
      classWeights: { kind: 'none' },
    },
    {
      kind: 'CLASSIFICATION',
      targetColumns: ['topic'],
      outputs: ['people', 'weather'],
      labelColumn: 'topic',
      labels: ['people', 'weather'],
      classWeights: none,
    },
    { labelColumn: 'topic', labels: ['people', 'weather'], classWeights: { kind: 'NONE' } },
  ],
  [
    'classification, in full, of lists of words',
    { textColumn: 'words', head: { classification: { labelColumn: 'topic', classWeights: { kind: 'BALANCED' } } } },
    {
      kind: 'classification',
      labelColumn: 'topic',
      labels: ['people', 'weather'],
      classWeights: { kind: 'balanced' },
    },
    {
      kind: 'CLASSIFICATION',
      targetColumns: ['topic'],
      outputs: ['people', 'weather'],
      labelColumn: 'topic',
      labels: ['people', 'weather'],
      classWeights: { kind: 'BALANCED', weights: [] },
    },
    { labelColumn: 'topic', labels: ['people', 'weather'], classWeights: { kind: 'BALANCED' } },
  ],
  [
    'multi-label, thresholds chosen',
    { textColumn: 'text', head: { multiLabel: { labelColumn: 'topics' } } },
    {
      kind: 'multiLabel',
      labelColumn: 'topics',
      labels: ['people', 'places', 'weather'],
      classWeights: { kind: 'none' },
      thresholds: { kind: 'chosen' },
    },
    {
      kind: 'MULTI_LABEL',
      targetColumns: ['topics'],
      outputs: ['people', 'places', 'weather'],
      labelColumn: 'topics',
      labels: ['people', 'places', 'weather'],
      classWeights: none,
      thresholds: { kind: 'CHOSEN', thresholds: [] },
    },
    { labelColumn: 'topics', labels: ['people', 'places', 'weather'], classWeights: { kind: 'NONE' } },
  ],
  [
    'multi-label, weights and thresholds given',
    {
      textColumn: 'text',
      head: {
        multiLabel: {
          labelColumn: 'topics',
          classWeights: { kind: 'EXPLICIT', weights: [{ label: 'places', weight: 2 }] },
          thresholds: { kind: 'GIVEN', thresholds: [{ label: 'people', threshold: 0.25 }] },
        },
      },
    },
    {
      kind: 'multiLabel',
      labelColumn: 'topics',
      labels: ['people', 'places', 'weather'],
      classWeights: { kind: 'explicit', weights: [{ label: 'places', weight: 2 }] },
      thresholds: { kind: 'given', thresholds: [{ label: 'people', threshold: 0.25 }] },
    },
    {
      kind: 'MULTI_LABEL',
      targetColumns: ['topics'],
      outputs: ['people', 'places', 'weather'],
      labelColumn: 'topics',
      labels: ['people', 'places', 'weather'],
      classWeights: { kind: 'EXPLICIT', weights: [{ label: 'places', weight: 2 }] },
      thresholds: { kind: 'GIVEN', thresholds: [{ label: 'people', threshold: 0.25 }] },
    },
    { labelColumn: 'topics', labels: ['people', 'places', 'weather'], classWeights: { kind: 'EXPLICIT' } },
  ],
  [
    'regression of two numbers',
    { textColumn: 'text', head: { regression: { targetColumns: ['stars', 'score'] } } },
    { kind: 'regression', targetColumns: ['stars', 'score'] },
    { kind: 'REGRESSION', targetColumns: ['stars', 'score'], outputs: ['stars', 'score'] },
    { labelColumn: 'stars', labels: [], classWeights: { kind: 'NONE' } },
  ],
  [
    'token classification of IOB2 tags',
    { textColumn: 'words', head: { tokenClassification: { tagColumn: 'tags' } } },
    {
      kind: 'tokenClassification',
      tagColumn: 'tags',
      labels: ['B-LOC', 'B-PER', 'O'],
      scheme: 'iob2',
      classWeights: { kind: 'none' },
    },
    {
      kind: 'TOKEN_CLASSIFICATION',
      targetColumns: ['tags'],
      outputs: ['B-LOC', 'B-PER', 'O'],
      tagColumn: 'tags',
      tags: ['B-LOC', 'B-PER', 'O'],
      scheme: 'IOB2',
      classWeights: none,
    },
    { labelColumn: 'tags', labels: ['B-LOC', 'B-PER', 'O'], classWeights: { kind: 'NONE' } },
  ],
  [
    'token classification of plain tags, of texts whose words white space sets apart',
    { textColumn: 'text', head: { tokenClassification: { tagColumn: 'kinds', classWeights: { kind: 'BALANCED' } } } },
    {
      kind: 'tokenClassification',
      tagColumn: 'kinds',
      labels: ['N', 'P', 'V'],
      scheme: 'plain',
      classWeights: { kind: 'balanced' },
    },
    {
      kind: 'TOKEN_CLASSIFICATION',
      targetColumns: ['kinds'],
      outputs: ['N', 'P', 'V'],
      tagColumn: 'kinds',
      tags: ['N', 'P', 'V'],
      scheme: 'PLAIN',
      classWeights: { kind: 'BALANCED', weights: [] },
    },
    { labelColumn: 'kinds', labels: ['N', 'P', 'V'], classWeights: { kind: 'BALANCED' } },
  ],
];

describe.each(kinds)('%s', (_, supervised, head, shown, formerly) => {
  test('is stored as it will be trained, shown, and cloned as it is', async () => {
    const { id } = await data.create({ datasetVersionId: version, method: { supervised } });
    const spec = await data.specOf(id);
    expect(spec).toMatchObject({ method: 'supervised', textColumn: supervised.textColumn, head });
    expect(spec.head).toEqual(head);
    expect(await methodOf(id)).toEqual({ head: shown, ...formerly });

    const { cloneExperiment } = await data.api.request<{ cloneExperiment: { id: string } }>(
      `mutation ($input: CloneExperimentInput!) { cloneExperiment(input: $input) { ... on Experiment { id } } }`,
      { input: { experimentId: id } },
    );
    expect(await data.specOf(cloneExperiment.id)).toEqual(spec);
  });
});

test('heads of all kinds are tasks of one experiment', async () => {
  const { id } = await data.create({
    datasetVersionId: version,
    method: {
      multiTask: {
        textColumn: 'words',
        tasks: [
          { name: 'topic', labelColumn: 'topic' },
          { name: 'topics', weight: 0.5, head: { multiLabel: { labelColumn: 'topics' } } },
          { name: 'numbers', head: { regression: { targetColumns: ['score'] } } },
          { name: 'names', head: { tokenClassification: { tagColumn: 'tags' } } },
        ],
      },
    },
    hyperparameters: { earlyStopping: { metric: 'validation/numbers/pearson', patience: 2 } },
  });
  const spec = (await data.specOf(id)) as { tasks: { name: string; weight: number; head: { kind: string } }[] };
  expect(spec.tasks.map(({ name, weight, head }) => [name, weight, head.kind])).toEqual([
    ['topic', 1, 'classification'],
    ['topics', 0.5, 'multiLabel'],
    ['numbers', 1, 'regression'],
    ['names', 1, 'tokenClassification'],
  ]);
  expect(await methodOf(id)).toMatchObject({
    tasks: [
      { name: 'topic', labelColumn: 'topic', labels: ['people', 'weather'] },
      { name: 'topics', labelColumn: 'topics', labels: ['people', 'places', 'weather'] },
      { name: 'numbers', labelColumn: 'score', labels: [], head: { kind: 'REGRESSION' } },
      { name: 'names', labelColumn: 'tags', labels: ['B-LOC', 'B-PER', 'O'] },
    ],
  });
});

describe('a plan', () => {
  const planned = async (supervised: Record<string, unknown>, datasetVersionId = version) => {
    const { planExperiment } = await data.api.request<{ planExperiment: Record<string, unknown> }>(
      `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
        trainExamples validationExamples trainableParameters example { texts }
        unknownLabels { task column count labelCount labels { label count } } } ... on Problems { problems { code message } } } }`,
      { input: { name: 'plan', baseModelId: data.bert, datasetVersionId, method: { supervised } } },
    );
    return planExperiment;
  };
  // A BERT of 2,496 numbers and a width of 8, without the pooler that heads of whole texts read through: 8 · 9 numbers.
  const pooled = 2496 + 8 * 9;

  test('counts the examples that have a list, if only an empty one, and three outputs', async () => {
    expect(await planned({ textColumn: 'text', head: { multiLabel: { labelColumn: 'topics' } } })).toMatchObject({
      trainExamples: 3,
      validationExamples: 2,
      trainableParameters: pooled + 3 * 9,
    });
  });

  test('tells the labels of the validation split that training lacks', async () => {
    const rows = (part: string, ...labels: string[]) =>
      labels.map((label) => ({
        part,
        text: 'a text',
        words: ['a', 'text'],
        label,
        topics: [label],
        tags: ['O', label],
      }));
    const uneven = await data.addData([
      ...rows('train', 'a', 'b'),
      ...rows('validation', 'a', 'x', 'y', 'y', 'constructor'),
    ]);
    const unknown = {
      count: 4,
      labelCount: 3,
      labels: [
        { label: 'y', count: 2 },
        { label: 'constructor', count: 1 },
        { label: 'x', count: 1 },
      ],
    };
    for (const [column, head] of [
      ['label', { classification: { labelColumn: 'label' } }],
      ['topics', { multiLabel: { labelColumn: 'topics' } }],
      ['tags', { tokenClassification: { tagColumn: 'tags' } }],
    ] as const) {
      expect(await planned({ textColumn: 'words', head }, uneven)).toMatchObject({
        validationExamples: 5,
        unknownLabels: [{ task: column, column, ...unknown }],
      });
    }
    expect(await planned({ textColumn: 'text', labelColumn: 'topic' })).toMatchObject({ unknownLabels: [] });
  });

  test('counts the examples that have one of two numbers, and two outputs', async () => {
    expect(
      await planned({ textColumn: 'text', head: { regression: { targetColumns: ['score', 'stars'] } } }),
    ).toMatchObject({ trainExamples: 3, validationExamples: 2, trainableParameters: pooled + 2 * 9 });
  });

  test('of tags needs no pooler, and reads words joined by spaces', async () => {
    expect(await planned({ textColumn: 'words', head: { tokenClassification: { tagColumn: 'tags' } } })).toMatchObject({
      trainExamples: 4,
      validationExamples: 2,
      trainableParameters: 2496 + 3 * 9,
      example: { texts: ['Ada met Alan'] },
    });
  });
});

test('experiments are found by the labels and tags of all kinds of heads', async () => {
  const { id } = await data.create({
    datasetVersionId: version,
    method: { supervised: { textColumn: 'words', head: { tokenClassification: { tagColumn: 'kinds' } } } },
    tags: ['found'],
  });
  const labelled = async (label: string) => {
    const { project } = await data.api.request<{ project: { experiments: { nodes: { id: string }[] } } }>(
      `query ($filter: ExperimentFilter!) { project(slug: "default") { experiments(filter: $filter) { nodes { id } } } }`,
      { filter: { label, tags: ['found'] } },
    );
    return project.experiments.nodes.map((node) => node.id);
  };
  expect(await labelled('V')).toEqual([id]);
  expect(await labelled('B-PER')).toEqual([]);
});

test('a difference names the kind of head, and what each has in its own place', async () => {
  const heads = [
    { labelColumn: 'topic' },
    {
      head: {
        multiLabel: {
          labelColumn: 'topics',
          thresholds: { kind: 'GIVEN', thresholds: [{ label: 'people', threshold: 0.25 }] },
        },
      },
    },
    { head: { tokenClassification: { tagColumn: 'tags' } } },
    { head: { regression: { targetColumns: ['score', 'stars'] } } },
  ];
  const ids: string[] = [];
  for (const head of heads) {
    const method = { supervised: { textColumn: 'text', ...head } };
    ids.push((await data.create({ datasetVersionId: version, method })).id);
  }
  const { compareExperiments } = await data.api.request<{
    compareExperiments: { configuration: { path: string; values: ({ text: string } | null)[] }[] };
  }>(
    `query ($ids: [ID!]!) { compareExperiments(ids: $ids) { ... on ExperimentComparison {
      configuration(onlyDifferences: true) { path values { text } } } } }`,
    { ids },
  );
  const byPath = compareExperiments.configuration.map(({ path, values }) => [
    path,
    values.map((value) => value?.text ?? null),
  ]);
  expect(Object.fromEntries(byPath)).toEqual({
    'method.head.kind': ['CLASSIFICATION', 'MULTI_LABEL', 'TOKEN_CLASSIFICATION', 'REGRESSION'],
    'method.head.targetColumns': [null, null, null, 'score, stars'],
    'method.head.tagColumn': [null, null, 'tags', null],
    'method.head.tags': [null, null, 'B-LOC, B-PER, O', null],
    'method.head.scheme': [null, null, 'IOB2', null],
    'method.head.classWeights.kind': [null, 'NONE', 'NONE', null],
    'method.head.labelColumn': [null, 'topics', null, null],
    'method.head.labels': [null, 'people, places, weather', null, null],
    'method.head.thresholds.kind': [null, 'GIVEN', null, null],
    'method.head.thresholds.thresholds': [null, 'people: 0.25', null, null],
    'method.labelColumn': ['topic', null, null, null],
    'method.labels': ['people, weather', null, null, null],
    'method.classWeights.kind': ['NONE', null, null, null],
  });
});

test('the same idempotency key with another head is refused, with the same head answered', async () => {
  const idempotencyKey = 'heads';
  const ask = (head: object) =>
    data.create({ datasetVersionId: version, idempotencyKey, method: { supervised: { textColumn: 'text', head } } });
  const first = await ask({ regression: { targetColumns: ['score'] } });
  expect((await ask({ regression: { targetColumns: ['score'] } })).id).toBe(first.id);
  expect((await ask({ regression: { targetColumns: ['stars'] } })).problems).toMatchObject([
    { code: 'IDEMPOTENCY_KEY_REUSED' },
  ]);
});
