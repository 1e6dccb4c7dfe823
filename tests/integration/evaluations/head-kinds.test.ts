import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoreMeasuresOf, scoreOf } from '../../../src/evaluations/score-measure.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import { type ApiWithData, problemsOf, type Refused, startApiWithData } from '../../support/head-data.js';
import { scoresOfKinds } from '../../support/head-scores.js';
import { ids, insertBaseModel, insertWorker, tinyBert } from '../../support/rows.js';

const heads: ModelHead[] = [
  { kind: 'classification', task: 'topic', labels: ['people', 'weather'] },
  { kind: 'multiLabel', task: 'topics', labels: ['people', 'places'], thresholds: [0.5, 0.25] },
  { kind: 'regression', task: 'numbers', outputs: ['score', 'stars'], means: [1, 3], scales: [0.5, 2] },
  { kind: 'tokenClassification', task: 'tags', labels: ['B-PER', 'O'], scheme: 'iob2' },
];

let data: ApiWithData;
let version: string;
let model: string;
beforeAll(async () => {
  data = await startApiWithData();
  const row = { text: 'Ada met', words: ['Ada', 'met'], tags: ['B-PER', 'O'], topics: ['people', 'places'] };
  version = await data.addData([
    { part: 'train', ...row, sometimes: ['people'], short: ['O'], topic: 'people', score: 1, stars: 4 },
    { part: 'train', ...row, short: ['O', 'O'], topics: ['fun'], topic: 'weather', score: 2, stars: 5 },
    { part: 'validation', ...row, short: ['O', 'O'], topic: 'weather', score: 2, stars: 5 },
    { part: 'test', ...row, short: ['O'], sometimes: [], topic: 'people', score: 2, stars: null },
  ]);
  const { dataSource, projectId } = data.api;
  model = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'tuned', heads, manifest: tinyBert }));
});
afterAll(() => data?.[Symbol.asyncDispose]());

async function evaluate(tasks: readonly object[], change: Record<string, unknown> = {}) {
  const { evaluate: result } = await data.api.request<{ evaluate: { id: string } & Refused }>(
    /* GraphQL */ `mutation ($input: EvaluateInput!) {
      evaluate(input: $input) { ... on Evaluation { id } ... on Problems { problems { path code message hint } } } }`,
    { input: { modelId: model, datasetVersionId: version, textColumn: 'text', tasks, ...change } },
  );
  return result;
}

test('a model shows its heads, whatever their kinds; classifiers also where they used to stand', async () => {
  const { node } = await data.api.request<{ node: unknown }>(
    `query ($id: ID!) { node(id: $id) { ... on BaseModel { heads { task labels } allHeads { task kind outputs
      ... on MultiLabelHead { labels thresholds { label threshold } }
      ... on RegressionHead { numbers { name mean scale } } ... on TokenClassificationHead { tags scheme } } } } }`,
    { id: model },
  );
  expect(node).toEqual({
    heads: [{ task: 'topic', labels: ['people', 'weather'] }],
    allHeads: [
      { task: 'topic', kind: 'CLASSIFICATION', outputs: ['people', 'weather'] },
      {
        task: 'topics',
        kind: 'MULTI_LABEL',
        outputs: ['people', 'places'],
        labels: ['people', 'places'],
        thresholds: [
          { label: 'people', threshold: 0.5 },
          { label: 'places', threshold: 0.25 },
        ],
      },
      {
        task: 'numbers',
        kind: 'REGRESSION',
        outputs: ['score', 'stars'],
        numbers: [
          { name: 'score', mean: 1, scale: 0.5 },
          { name: 'stars', mean: 3, scale: 2 },
        ],
      },
      { task: 'tags', kind: 'TOKEN_CLASSIFICATION', outputs: ['B-PER', 'O'], tags: ['B-PER', 'O'], scheme: 'IOB2' },
    ],
  });
});

test('models are found by the labels and tags of heads of every kind', async () => {
  const { project } = await data.api.request<{ project: Record<string, { nodes: { name: string }[] }> }>(
    `{ project(slug: "default") {
      tagged: baseModels(filter: { label: "B-PER", task: "tags" }) { nodes { name } }
      labelled: baseModels(filter: { label: "places" }) { nodes { name } }
      neither: baseModels(filter: { label: "places", task: "topic" }) { nodes { name } } } }`,
  );
  expect(project).toEqual({
    tagged: { nodes: [{ name: 'tuned' }] },
    labelled: { nodes: [{ name: 'tuned' }] },
    neither: { nodes: [] },
  });
});

describe('what a head is scored against', () => {
  test('is queued and shown by its columns', async () => {
    const tasks = [
      { task: 'numbers', targetColumns: ['score', 'stars'] },
      { task: 'tags', targetColumns: ['tags'] },
      { task: 'topic', targetColumns: ['topic'] },
    ];
    const inShort = { task: 'topic', labelColumn: 'topic' };
    const { id } = await evaluate([...tasks.slice(0, 2), inShort], { split: 'validation' });
    const [job] = await data.api.dataSource.query('SELECT payload FROM jobs WHERE evaluation_id = $1', [
      parseGlobalId(id)!.uuid,
    ]);
    expect(job.payload.tasks).toEqual(tasks);
    const { node } = await data.api.request<{ node: { requestedTasks: unknown } }>(
      'query ($id: ID!) { node(id: $id) { ... on Evaluation { requestedTasks { task targetColumns labelColumn } } } }',
      { id },
    );
    const labelColumns = ['score', 'tags', 'topic'];
    expect(node.requestedTasks).toEqual(tasks.map((task, i) => ({ ...task, labelColumn: labelColumns[i] })));
  });

  test('is by default what its experiment learnt from', async () => {
    const method = {
      multiTask: {
        textColumn: 'text',
        tasks: [
          { name: 'numbers', head: { regression: { targetColumns: ['stars', 'score'] } } },
          { name: 'topic', labelColumn: 'topic' },
        ],
      },
    };
    const { id: experiment } = await data.create({ datasetVersionId: version, method });
    const [run] = await data.api.dataSource.query('SELECT id FROM runs WHERE experiment_id = $1', [
      parseGlobalId(experiment)!.uuid,
    ]);
    const { dataSource, projectId } = data.api;
    const produced = await insertBaseModel(dataSource, projectId, {
      name: 'produced',
      heads: [heads[2]!, heads[3]!],
      manifest: tinyBert,
      producedByRunId: run.id,
    });
    const modelId = ids.baseModel(produced);
    const { id } = await evaluate([{ task: 'numbers' }], { modelId, split: 'validation' });
    const [row] = await dataSource.query('SELECT tasks FROM evaluations WHERE id = $1', [parseGlobalId(id)!.uuid]);
    expect(row.tasks).toEqual([{ task: 'numbers', targetColumns: ['stars', 'score'] }]);
    expect(problemsOf(await evaluate([{ task: 'tags' }], { modelId }))).toEqual([
      ['tasks.0.targetColumns', 'REQUIRED'],
    ]);
  });

  test.each<[string, object, Record<string, unknown>, [string, string][]]>([
    ['no columns, of a model from elsewhere', { task: 'tags' }, {}, [['targetColumns', 'REQUIRED']]],
    [
      'columns said twice',
      { task: 'topic', labelColumn: 'topic', targetColumns: ['topic'] },
      {},
      [['targetColumns', 'INVALID_VALUE']],
    ],
    ['one column for two numbers', { task: 'numbers', labelColumn: 'score' }, {}, [['labelColumn', 'INVALID_VALUE']]],
    [
      'two columns for one label',
      { task: 'topic', targetColumns: ['topic', 'topics'] },
      {},
      [['targetColumns', 'INVALID_VALUE']],
    ],
    [
      'texts for numbers',
      { task: 'numbers', targetColumns: ['score', 'topic'] },
      {},
      [['targetColumns.1', 'WRONG_COLUMN_TYPE']],
    ],
    ['one label for lists', { task: 'topics', labelColumn: 'topic' }, {}, [['labelColumn', 'WRONG_COLUMN_TYPE']]],
    ['one tag for lists', { task: 'tags', labelColumn: 'topic' }, {}, [['labelColumn', 'WRONG_COLUMN_TYPE']]],
    [
      'a split without numbers',
      { task: 'numbers', targetColumns: ['score', 'stars'] },
      {},
      [['targetColumns.1', 'EMPTY_SPLIT']],
    ],
    [
      'a split without lists of labels',
      { task: 'topics', labelColumn: 'sometimes' },
      { split: 'validation' },
      [['labelColumn', 'EMPTY_SPLIT']],
    ],
    [
      'labels that a head does not know',
      { task: 'topics', labelColumn: 'topics' },
      { split: 'train', unknownLabels: 'REFUSE' },
      [['labelColumn', 'UNKNOWN_LABEL']],
    ],
    [
      'tags that are not as many as words',
      { task: 'tags', labelColumn: 'short' },
      {},
      [['labelColumn', 'UNEQUAL_LENGTHS']],
    ],
  ])('%s', async (_, task, change, problems) => {
    expect(problemsOf(await evaluate([task], change))).toEqual(
      problems.map(([path, code]) => [`tasks.0.${path}`, code]),
    );
  });

  test('labels that a head does not know are counted, unless it knows no other', async () => {
    const asked = { task: 'topics', labelColumn: 'topics' };
    expect(await evaluate([asked], { split: 'train' })).toMatchObject({ id: expect.any(String) });
    const strange = await data.addData([{ part: 'test', text: 'a', topics: ['fun', 'games'] }]);
    const { problems } = await evaluate([asked], { split: 'test', datasetVersionId: strange });
    expect(problems).toMatchObject([
      {
        code: 'UNKNOWN_LABEL',
        message: expect.stringContaining('has only labels that the head “topics” does not know'),
      },
    ]);
  });

  test('may be empty lists alone: none of the labels fits', async () => {
    const { id, problems } = await evaluate([{ task: 'topics', targetColumns: ['sometimes'] }], { split: 'test' });
    expect(problems).toBeUndefined();
    expect(id).toEqual(expect.any(String));
  });

  test('words of pairs are not tagged', async () => {
    const change = { textPairColumn: 'topic' };
    expect(problemsOf(await evaluate([{ task: 'tags', labelColumn: 'tags' }], change))).toEqual([
      ['textPairColumn', 'INVALID_VALUE'],
    ]);
    const { predict } = await data.api.request<{ predict: Refused }>(
      /* GraphQL */ `mutation ($input: PredictInput!) {
        predict(input: $input) { ... on Problems { problems { path code message hint } } } }`,
      { input: { modelId: model, texts: ['Ada met'], pairs: ['Charles'] } },
    );
    expect(problemsOf(predict)).toEqual([['pairs', 'INVALID_VALUE']]);
  });
});

/** An evaluation that a worker has scored. */
async function scored(kind: keyof typeof scoresOfKinds, name: string, more: object = {}): Promise<string> {
  const { dataSource, projectId } = data.api;
  const scores = { ...scoresOfKinds[kind], ...more };
  const modelId = await insertBaseModel(dataSource, projectId, { name });
  const [row] = await dataSource.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores)
     VALUES (gen_random_uuid(), $1, $2, $3, 'scored', 'text', $4, 'SUCCEEDED', $5) RETURNING id`,
    [
      projectId,
      modelId,
      parseGlobalId(version)!.uuid,
      JSON.stringify([{ task: scores.task, targetColumns: [scores.task] }]),
      JSON.stringify([scores]),
    ],
  );
  return row.id;
}

describe('scores of each kind', () => {
  const byKind = new Map<string, string>();
  beforeAll(async () => {
    for (const kind of Object.keys(scoresOfKinds) as (keyof typeof scoresOfKinds)[]) {
      byKind.set(kind, await scored(kind, `scored ${kind}`));
    }
  });

  const average = '{ precision recall f1 }';
  const measures = 'mse rmse mae r2 pearson spearman';
  const counts = 'label precision recall f1 support predicted truePositives';
  const selection = /* GraphQL */ `
    task kind exampleCount loss
    ... on TaskScores {
      accuracy macro ${average} micro ${average} weighted ${average} perClass { label precision recall f1 support }
      confusionMatrix { labels counts }
    }
    ... on MultiLabelScores {
      subsetAccuracy hammingLoss micro ${average} macro ${average} weighted ${average} samples ${average}
      averagePrecision { macro micro }
      perLabel { ${counts} threshold averagePrecision falsePositives falseNegatives trueNegatives }
    }
    ... on RegressionScores { average { ${measures} } perOutput { name exampleCount ${measures} } }
    ... on TokenClassificationScores {
      wordCount accuracy macro ${average} weighted ${average} perTag { ${counts} }
      entities { micro ${average} macro ${average} weighted ${average} perType { ${counts} } }
    }`;

  test.each([
    ['classification', 'CLASSIFICATION'],
    ['multiLabel', 'MULTI_LABEL'],
    ['regression', 'REGRESSION'],
    ['tokenClassification', 'TOKEN_CLASSIFICATION'],
  ] as const)('%s', async (kind, shown) => {
    const { node } = await data.api.request<{ node: { scores: unknown; tasks: unknown[] } }>(
      `query ($id: ID!) { node(id: $id) { ... on Evaluation { scores { ${selection} } tasks { task } } } }`,
      { id: globalId('Evaluation', byKind.get(kind)!) },
    );
    const scores = scoresOfKinds[kind];
    const matrix =
      'confusionMatrix' in scores
        ? { confusionMatrix: { labels: ['people', 'weather'], counts: scores.confusionMatrix } }
        : {};
    expect(node.scores).toEqual([{ ...scores, ...matrix, kind: shown }]);
    expect(node.tasks).toEqual(kind === 'classification' ? [{ task: 'topic' }] : []);
  });

  test.each(Object.keys(scoresOfKinds) as (keyof typeof scoresOfKinds)[])(
    'each measure of %s is kept for lists to filter and sort by',
    async (kind) => {
      const kept: { measure: string; value: number }[] = await data.api.dataSource.query(
        'SELECT measure, value FROM evaluation_scores WHERE evaluation_id = $1',
        [byKind.get(kind)],
      );
      const keptOf = new Map(kept.map(({ measure, value }) => [measure, value]));
      for (const measure of scoreMeasuresOf(kind)) {
        expect([measure, keptOf.get(measure) ?? null]).toEqual([measure, scoreOf(scoresOfKinds[kind], measure)]);
      }
    },
  );

  test('evaluations are found by measures, labels and tags of every kind, and sorted by one', async () => {
    const { project } = await data.api.request<{ project: Record<string, { nodes: { model: { name: string } }[] }> }>(
      `{ project(slug: "default") {
        near: evaluations(filter: { scores: [{ measure: RMSE, max: 2.5 }] }) { nodes { model { name } } }
        far: evaluations(filter: { scores: [{ measure: RMSE, max: 2 }] }) { nodes { model { name } } }
        weighted: evaluations(filter: { scores: [{ measure: WEIGHTED_PRECISION, min: 0.44 }] }) { nodes { model { name } } }
        classified: evaluations(filter: { label: "weather" }) { nodes { model { name } } }
        withEntities: evaluations(filter: { label: "PER" }) { nodes { model { name } } }
        tagged: evaluations(filter: { label: "B-PER" }) { nodes { model { name } } }
        labelled: evaluations(filter: { label: "places" }) { nodes { model { name } } }
        first: evaluations(first: 1, orderBy: { measure: ENTITY_F1 }) { nodes { model { name } } } } }`,
    );
    const names = Object.fromEntries(
      Object.entries(project).map(([list, { nodes }]) => [list, nodes.map((node) => node.model.name)]),
    );
    expect(names).toEqual({
      near: ['scored regression'],
      far: [],
      weighted: ['scored tokenClassification'],
      classified: ['scored classification'],
      withEntities: ['scored tokenClassification'],
      tagged: ['scored tokenClassification'],
      labelled: ['scored multiLabel'],
      first: ['scored tokenClassification'],
    });
  });

  test('what a head does not know is told; of scores from before, nothing', async () => {
    const unknown = {
      count: 3,
      labelCount: 2,
      labels: [
        { label: 'x', count: 2 },
        { label: 'y', count: 2 },
      ],
    };
    for (const kind of ['classification', 'multiLabel', 'tokenClassification'] as const) {
      const id = await scored(kind, `unknown ${kind}`, { unknown });
      const { now, before } = await data.api.request<Record<string, { scores: unknown }>>(
        `query ($now: ID!, $before: ID!) {
          now: node(id: $now) { ...told } before: node(id: $before) { ...told } }
          fragment told on Evaluation { scores { unknownLabelCount unknownLabels { label count } } }`,
        { now: globalId('Evaluation', id), before: globalId('Evaluation', byKind.get(kind)!) },
      );
      expect(now!.scores).toEqual([{ unknownLabelCount: 3, unknownLabels: unknown.labels }]);
      expect(before!.scores).toEqual([{ unknownLabelCount: 0, unknownLabels: [] }]);
    }
  });
});

describe('predictions of each kind', () => {
  test('are what the worker said', async () => {
    await insertWorker(data.api.dataSource);
    const labels = [{ label: 'people', probability: 0.9 }];
    const decisions = [{ label: 'places', probability: 0.3, threshold: 0.25, isPredicted: true }];
    const words = [{ start: 0, end: 3, tag: 'B-PER', probability: 0.8 }];
    const tasks = [
      { kind: 'classification', task: 'topic', labels },
      { kind: 'multiLabel', task: 'topics', labels: decisions },
      { kind: 'regression', task: 'numbers', values: [{ name: 'score', value: 2.5 }] },
      {
        kind: 'tokenClassification',
        task: 'tags',
        words,
        spans: [{ start: 0, end: 3, label: 'PER', probability: 0.8 }],
      },
    ];
    const [{ predict }] = await Promise.all([
      data.api.request<{ predict: unknown }>(
        `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts {
          tasks { task labels { label probability } }
          predictions { task kind
            ... on TaskPrediction { labels { label probability } }
            ... on MultiLabelPrediction { decisions: labels { label probability threshold isPredicted } }
            ... on RegressionPrediction { values { name value } }
            ... on TokenClassificationPrediction {
              words { start end tag probability } spans { start end label probability } } } } } } }`,
        { input: { modelId: model, texts: ['Ada'] } },
      ),
      settleNext({ kind: 'predict', predictions: [{ tokenCount: 3, truncated: false, tasks }] }),
    ]);
    expect(predict).toEqual({
      texts: [
        {
          tasks: [{ task: 'topic', labels }],
          predictions: [
            { ...tasks[0], kind: 'CLASSIFICATION' },
            { task: 'topics', kind: 'MULTI_LABEL', decisions },
            { ...tasks[2], kind: 'REGRESSION' },
            { ...tasks[3], kind: 'TOKEN_CLASSIFICATION' },
          ],
        },
      ],
    });
  });

  /** Waits for the next prediction, as a worker does, and gives its result. */
  async function settleNext(result: object): Promise<void> {
    for (;;) {
      const [[job]] = await data.api.dataSource.query(
        `UPDATE jobs SET state = 'succeeded', result = $1, settled_at = now()
         WHERE id = (SELECT id FROM jobs WHERE kind = 'predict' AND state = 'queued' LIMIT 1) RETURNING id`,
        [JSON.stringify(result)],
      );
      if (job === undefined) continue;
      await data.api.dataSource.query(`SELECT pg_notify('attune_job_settled', $1)`, [job.id]);
      return;
    }
  }
});
