import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi, topicCounts } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset, insertWorker, tinyBert } from '../../support/rows.js';

interface Problem {
  path: string[];
  code: string;
  message: string;
  hint: string | null;
}

let api: TestApi;
let bare: string;
let model: string;
let version: string;

beforeAll(async () => {
  api = await startTestApi();
  const dataset = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  version = ids.version(dataset.versionIds[0]!);
  bare = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'bare' }));
  const heads = [
    { kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] },
    { kind: 'classification' as const, task: 'stars', labels: ['1', '2', '3'] },
  ];
  model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'tuned', heads }));
});
afterAll(() => api?.close());
beforeEach(async () => {
  api.labelCounts = topicCounts;
  await api.dataSource.query('UPDATE workers SET stopped_at = now()');
});

describe('evaluate', () => {
  const mutation = /* GraphQL */ `mutation ($input: EvaluateInput!) {
    evaluate(input: $input) { __typename ... on Evaluation { id status tasks { task } } ... on Problems { problems { path code message hint } } }
  }`;
  type Result = { __typename: string; id: string; status: string; tasks: unknown[]; problems: Problem[] };
  const evaluate = async (change: Record<string, unknown> = {}): Promise<Result> => {
    const input = {
      modelId: model,
      datasetVersionId: version,
      textColumn: 'text',
      tasks: [{ task: 'label', labelColumn: 'label' }],
      ...change,
    };
    return (await api.request<{ evaluate: Result }>(mutation, { input })).evaluate;
  };

  test('queues a short job with the evaluation', async () => {
    const result = await evaluate();
    expect(result).toMatchObject({ __typename: 'Evaluation', status: 'QUEUED', tasks: [] });
    const { uuid } = parseGlobalId(result.id)!;
    const [job] = await api.dataSource.query('SELECT lane, kind, payload FROM jobs WHERE evaluation_id = $1', [uuid]);
    expect(job).toMatchObject({
      lane: 'short',
      kind: 'evaluate',
      payload: {
        evaluationId: uuid,
        split: 'test',
        textColumn: 'text',
        tasks: [{ task: 'label', targetColumns: ['label'] }],
      },
    });
  });

  test('a model of the BERT family is scored on pairs; others read single texts', async () => {
    const heads = [{ kind: 'classification' as const, task: 'stars', labels: ['1', '2', '3'] }];
    const pairwise = ids.baseModel(
      await insertBaseModel(api.dataSource, api.projectId, { name: 'pairwise', heads, manifest: tinyBert }),
    );
    const change = { textPairColumn: 'label', tasks: [{ task: 'stars', labelColumn: 'stars' }] };
    const { id } = await evaluate({ ...change, modelId: pairwise });
    const { node } = await api.request<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { ... on Evaluation { textColumn textPairColumn } } }',
      { id },
    );
    expect(node).toEqual({ textColumn: 'text', textPairColumn: 'label' });
    const [job] = await api.dataSource.query('SELECT payload FROM jobs WHERE evaluation_id = $1', [
      parseGlobalId(id)!.uuid,
    ]);
    expect(job.payload).toMatchObject({ textColumn: 'text', pairColumn: 'label' });
    const wrong = [
      [{ ...change }, 'INVALID_VALUE'],
      [{ ...change, modelId: pairwise, textPairColumn: 'text' }, 'INVALID_VALUE'],
      [{ ...change, modelId: pairwise, textPairColumn: 'stars' }, 'WRONG_COLUMN_TYPE'],
      [{ ...change, modelId: pairwise, textPairColumn: 'premise' }, 'UNKNOWN_COLUMN'],
    ] as const;
    for (const [input, code] of wrong) {
      expect((await evaluate(input)).problems).toMatchObject([{ path: ['textPairColumn'], code }]);
    }
  });

  test('shows scores when a worker has written them', async () => {
    const { id } = await evaluate({ split: 'validation' });
    // 3 of 4 right: ham twice, spam once, and one spam taken for ham.
    const average = { precision: 0.8, recall: 0.75, f1: 0.77 };
    const scores = {
      task: 'label',
      exampleCount: 4,
      accuracy: 0.75,
      loss: 0.5,
      macro: average,
      micro: average,
      weighted: average,
      perClass: [
        { label: 'ham', precision: 2 / 3, recall: 1, f1: 0.8, support: 2 },
        { label: 'spam', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      ],
      confusionMatrix: [
        [2, 0],
        [1, 1],
      ],
    };
    await api.dataSource.query(
      `UPDATE evaluations SET status = 'SUCCEEDED', scores = $2, finished_at = now() WHERE id = $1`,
      [parseGlobalId(id)!.uuid, JSON.stringify([scores])],
    );
    const { node } = await api.request<{ node: unknown }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on Evaluation {
        status split model { name } datasetVersion { number }
        tasks { task accuracy loss macro { f1 } perClass { label recall support } confusionMatrix { labels counts } }
      } } }`,
      { id },
    );
    expect(node).toEqual({
      status: 'SUCCEEDED',
      split: 'validation',
      model: { name: 'tuned' },
      datasetVersion: { number: 1 },
      tasks: [
        {
          task: 'label',
          accuracy: 0.75,
          loss: 0.5,
          macro: { f1: 0.77 },
          perClass: [
            { label: 'ham', recall: 1, support: 2 },
            { label: 'spam', recall: 0.5, support: 2 },
          ],
          confusionMatrix: {
            labels: ['ham', 'spam'],
            counts: [
              [2, 0],
              [1, 1],
            ],
          },
        },
      ],
    });
  });

  test('a model without a head can not be scored', async () => {
    expect((await evaluate({ modelId: bare })).problems).toMatchObject([{ path: ['modelId'], code: 'NO_HEAD' }]);
  });

  test('tells all that does not fit together', async () => {
    const { problems } = await evaluate({
      split: 'tset',
      textColumn: 'txt',
      tasks: [
        { task: 'labl', labelColumn: 'label' },
        { task: 'stars', labelColumn: 'star' },
      ],
    });
    expect(problems.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['split', 'UNKNOWN_SPLIT'],
      ['textColumn', 'UNKNOWN_COLUMN'],
      ['tasks.0.task', 'UNKNOWN_TASK'],
      ['tasks.1.labelColumn', 'UNKNOWN_COLUMN'],
    ]);
    expect(problems[2]!.hint).toContain('Did you mean “label”?');
  });

  test('true labels that the head does not know', async () => {
    const { problems } = await evaluate({ tasks: [{ task: 'label', labelColumn: 'stars' }] });
    expect(problems).toMatchObject([{ path: ['tasks', '0', 'labelColumn'], code: 'UNKNOWN_LABEL' }]);
    expect(problems[0]!.message).toContain('“1”');
  });

  test('a repeated call with the same key gives the first evaluation', async () => {
    const first = await evaluate({ idempotencyKey: 'k' });
    expect(await evaluate({ idempotencyKey: 'k' })).toEqual(first);
    expect((await evaluate({ idempotencyKey: 'k', split: 'validation' })).problems).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
  });
});

describe('predict', () => {
  const mutation = /* GraphQL */ `mutation ($input: PredictInput!) {
    predict(input: $input) {
      ... on Prediction { texts { tokenCount truncated tasks { task labels { label probability } } } }
      ... on Problems { problems { path code message hint } }
    }
  }`;
  type Result = { texts?: unknown; problems?: Problem[] };
  const predict = async (change: Record<string, unknown> = {}): Promise<Result> =>
    (await api.request<{ predict: Result }>(mutation, { input: { modelId: model, texts: ['Hello'], ...change } }))
      .predict;

  /** Waits for the next job of the short lane, as a worker does, and settles it. */
  async function settleNext(settle: string, value: unknown): Promise<void> {
    for (;;) {
      const [[job]] = await api.dataSource.query(
        `UPDATE jobs SET state = 'claimed' WHERE id = (SELECT id FROM jobs WHERE kind = 'predict' AND state = 'queued' LIMIT 1) RETURNING id`,
      );
      if (job === undefined) continue;
      await api.dataSource.query(`UPDATE jobs SET ${settle}, settled_at = now() WHERE id = $1`, [
        job.id,
        JSON.stringify(value),
      ]);
      await api.dataSource.query(`SELECT pg_notify('attune_job_settled', $1)`, [job.id]);
      return;
    }
  }

  test("answers with the worker's predictions", async () => {
    await insertWorker(api.dataSource);
    const labels = [
      { label: 'ham', probability: 0.9 },
      { label: 'spam', probability: 0.1 },
    ];
    const predictions = [{ tokenCount: 3, truncated: false, tasks: [{ task: 'label', labels }] }];
    const [answer] = await Promise.all([
      predict(),
      settleNext(`state = 'succeeded', result = $2`, { kind: 'predict', predictions }),
    ]);
    expect(answer).toEqual({ texts: predictions });
  });

  test('second texts go with the first ones, one for each', async () => {
    const heads = [{ kind: 'classification' as const, task: 'entails', labels: ['no', 'yes'] }];
    const modelId = ids.baseModel(
      await insertBaseModel(api.dataSource, api.projectId, { name: 'entailment', heads, manifest: tinyBert }),
    );
    await insertWorker(api.dataSource);
    const predictions = [{ tokenCount: 3, truncated: false, tasks: [] }];
    await Promise.all([
      predict({ modelId, texts: ['it rains'], pairs: ['it is wet'] }),
      settleNext(`state = 'succeeded', result = $2`, { kind: 'predict', predictions }),
    ]);
    const [job] = await api.dataSource.query(
      `SELECT payload FROM jobs WHERE kind = 'predict' AND state = 'succeeded' ORDER BY created_at DESC LIMIT 1`,
    );
    expect(job.payload).toMatchObject({ texts: ['it rains'], pairs: ['it is wet'] });
    const wrong = [
      [{ modelId, texts: ['a', 'b'], pairs: ['c'] }, ['pairs'], 'INVALID_VALUE'],
      [{ modelId, texts: ['a'], pairs: ['x'.repeat(100_001)] }, ['pairs', '0'], 'TOO_LONG'],
      [{ texts: ['a'], pairs: ['b'] }, ['pairs'], 'INVALID_VALUE'],
    ] as const;
    for (const [input, path, code] of wrong) {
      expect((await predict(input)).problems).toMatchObject([{ path, code }]);
    }
  });

  test("tells the worker's problem", async () => {
    await insertWorker(api.dataSource);
    const failure = { path: [], code: 'CORRUPT_WEIGHTS', message: 'The weights are damaged.', hint: null };
    const [{ problems }] = await Promise.all([predict(), settleNext(`state = 'failed', problem = $2`, failure)]);
    expect(problems).toEqual([
      { path: [], code: 'JOB_FAILED', message: 'CORRUPT_WEIGHTS: The weights are damaged.', hint: null },
    ]);
  });

  test('without a worker says so at once', async () => {
    await insertWorker(api.dataSource, { seenSecondsAgo: 31 });
    expect((await predict()).problems).toMatchObject([{ path: [], code: 'WORKER_UNAVAILABLE' }]);
  });

  test('when no answer comes in time says so, and takes the job back', async () => {
    await insertWorker(api.dataSource);
    expect((await predict()).problems).toMatchObject([{ path: [], code: 'TIMEOUT' }]);
    const [{ count }] = await api.dataSource.query(
      `SELECT count(*)::int FROM jobs WHERE kind = 'predict' AND state = 'queued'`,
    );
    expect(count).toBe(0);
  });

  test('refuses a bare encoder, no texts, too many and too long ones', async () => {
    expect((await predict({ modelId: bare })).problems).toMatchObject([{ path: ['modelId'], code: 'NO_HEAD' }]);
    expect((await predict({ texts: [] })).problems).toMatchObject([{ path: ['texts'], code: 'REQUIRED' }]);
    expect((await predict({ texts: Array.from({ length: 257 }, () => 'x') })).problems).toMatchObject([
      { path: ['texts'], code: 'TOO_LONG' },
    ]);
    expect((await predict({ texts: ['ok', 'x'.repeat(100_001)] })).problems).toMatchObject([
      { path: ['texts', '1'], code: 'TOO_LONG' },
    ]);
  });

  test('refuses texts that are empty, each by its place', async () => {
    expect((await predict({ texts: ['', 'ok', ' \n'] })).problems).toMatchObject([
      { path: ['texts', '0'], code: 'EMPTY_TEXT' },
      { path: ['texts', '2'], code: 'EMPTY_TEXT' },
    ]);
    expect((await predict({ texts: ['ok'], pairs: ['\t'] })).problems).toMatchObject([
      { path: ['pairs', '0'], code: 'EMPTY_TEXT' },
    ]);
  });

  test('serverInfo shows the workers that are online, and the limits', async () => {
    await insertWorker(api.dataSource);
    const { serverInfo } = await api.request<{ serverInfo: unknown }>(
      '{ serverInfo { version workers { host status engine { target threads rejected { target } } } limits { maxPredictTexts maxLabels } } }',
    );
    expect(serverInfo).toEqual({
      version: '0.0.0-test',
      workers: [{ host: 'test-host', status: 'ONLINE', engine: { target: 'cpu', threads: 2, rejected: [] } }],
      limits: { maxPredictTexts: 256, maxLabels: 1000 },
    });
  });
});
