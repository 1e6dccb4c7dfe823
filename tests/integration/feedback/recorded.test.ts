import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepGenerations } from '../../../src/generations/sweep-generations.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertProject, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertGeneration } from '../../support/generations.js';
import { ids, insertBaseModel, insertWorker, tinyLlama } from '../../support/rows.js';

/** What applications tell of generated answers and of predictions. */

let api: TestApi;
let writer: string;
let classifier: string;
let generation: string;
/** A key that an application gets: it may see what models say, and tell what was thought of it. */
let application: string;

beforeAll(async () => {
  api = await startTestApi();
  const { dataSource, projectId } = api;
  writer = await insertBaseModel(dataSource, projectId, { name: 'writer', manifest: tinyLlama });
  classifier = await insertBaseModel(dataSource, projectId, {
    name: 'classifier',
    heads: [
      { kind: 'classification', task: 'topic', labels: ['ham', 'spam', 'phishing'] },
      { kind: 'multiLabel', task: 'tags', labels: ['red', 'blue'], thresholds: [0.5, 0.5] },
      { kind: 'regression', task: 'stars', outputs: ['stars'], means: [0], scales: [1] },
    ],
  });
  generation = globalId('Generation', await insertGeneration(dataSource, projectId, writer));
  const user = await insertUser(dataSource, 'application', { roles: { [projectId]: 'ANNOTATOR' } });
  application = (await insertKey(dataSource, user, { projectId, scopes: ['READ', 'ANNOTATE'] })).secret;
});
afterAll(() => api?.close());

const fields = /* GraphQL */ `
  id comment subject modelName promptIndex sampleIndex answer settings { sampling { seed } maxTokens weights } task text pair predictedLabels probability
  author { name } project { slug } model { name } generation { id } prompt { text }
  question { __typename ... on RatingQuestion { from to } ... on LabelsQuestion { classes several } }
  value { __typename ... on ThumbsValue { up reason } ... on RatingValue { rating } ... on LabelsValue { labels }
    ... on CorrectionValue { text } }`;

interface Recorded {
  readonly id: string;
  readonly problems?: readonly { readonly code: string; readonly path: string[]; readonly message: string }[];
  readonly [field: string]: unknown;
}

async function record(input: Record<string, unknown>, key: string = application): Promise<Recorded> {
  const { body } = await api.send<{ recordFeedback: Recorded }>(
    `mutation ($input: RecordFeedbackInput!) { recordFeedback(input: $input) {
       ... on RecordedFeedback { ${fields} } ... on Problems { problems { code path message hint } } } }`,
    { input },
    key,
  );
  if (body.data === null || body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
  return body.data.recordFeedback;
}

const answer = (rest: Record<string, unknown> = {}) => ({ answer: { generationId: generation, ...rest } });
const prediction = (rest: Record<string, unknown> = {}) => ({
  prediction: { modelId: ids.baseModel(classifier), task: 'topic', text: 'Buy now', ...rest },
});

test('a thumb about a generated answer keeps a copy of prompt, answer and model, which outlives all three', async () => {
  const { dataSource, projectId } = api;
  const model = await insertBaseModel(dataSource, projectId, { name: 'brief', manifest: tinyLlama });
  const made = await insertGeneration(dataSource, projectId, model);
  const recorded = await record({
    target: { answer: { generationId: globalId('Generation', made) } },
    feedback: { thumb: { up: false, reason: '  dull ' } },
    comment: 'Again, please.',
    subject: 'user-7',
  });
  const kept = {
    comment: 'Again, please.',
    subject: 'user-7',
    modelName: 'brief',
    promptIndex: 0,
    sampleIndex: 0,
    prompt: { text: 'once' },
    answer: ' upon a time',
    settings: { sampling: { seed: 7 }, maxTokens: 8, weights: 'FLOAT32' },
    author: { name: 'application' },
    project: { slug: 'default' },
    question: { __typename: 'ThumbsQuestion' },
    value: { __typename: 'ThumbsValue', up: false, reason: 'dull' },
    text: null,
  };
  expect(recorded).toMatchObject({
    ...kept,
    model: { name: 'brief' },
    generation: { id: globalId('Generation', made) },
  });
  await dataSource.query(`UPDATE generations SET finished_at = now() - interval '8 days' WHERE id = $1`, [made]);
  expect(await sweepGenerations(dataSource)).toBe(1);
  const deleted = await api.request<{ deleteModel: { counts: unknown } }>(
    'mutation ($id: ID!) { deleteModel(input: { modelId: $id }) { __typename } }',
    { id: ids.baseModel(model) },
  );
  expect(deleted.deleteModel).toMatchObject({ __typename: 'Deletion' });
  const { node } = await api.request<{ node: unknown }>(
    `query ($id: ID!) { node(id: $id) { ... on RecordedFeedback { ${fields} } } }`,
    { id: recorded.id },
  );
  expect(node).toMatchObject({ ...kept, model: null, generation: null });
});

test('a completion of the OpenAI-compatible endpoint is known by its id', async () => {
  const row = parseGlobalId(generation)!.uuid;
  for (const generationId of [`chatcmpl-${row}`, `cmpl-${row}`]) {
    const recorded = await record({ target: answer({ generationId }), feedback: { thumb: { up: true } } });
    expect(recorded).toMatchObject({ generation: { id: generation } });
  }
  const unknown = await record({ target: answer({ generationId: 'cmpl-1' }), feedback: { thumb: { up: true } } });
  expect(unknown.problems).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('a better answer is a correction of the one that was shown', async () => {
  expect(await record({ target: answer(), feedback: { betterAnswer: ' upon a midnight' } })).toMatchObject({
    question: { __typename: 'CorrectionQuestion' },
    value: { __typename: 'CorrectionValue', text: ' upon a midnight' },
  });
  expect(await record({ target: answer(), feedback: { betterAnswer: ' upon a time' } })).toMatchObject({
    problems: [{ code: 'INVALID_VALUE', path: ['feedback', 'betterAnswer'] }],
  });
});

test('the right labels of a prediction are checked against its head', async () => {
  expect(
    await record({
      target: prediction({ labels: ['ham'], probability: 0.51 }),
      feedback: { labels: ['spam'] },
    }),
  ).toMatchObject({
    task: 'topic',
    text: 'Buy now',
    answer: 'ham',
    predictedLabels: ['ham'],
    probability: 0.51,
    prompt: null,
    settings: null,
    question: { __typename: 'LabelsQuestion', classes: ['ham', 'spam', 'phishing'], several: false },
    value: { labels: ['spam'] },
  });
  expect(await record({ target: prediction({ task: 'tags' }), feedback: { labels: [] } })).toMatchObject({
    answer: null,
    question: { several: true },
    value: { labels: [] },
  });
  const wrong = await record({ target: prediction(), feedback: { labels: ['sapm'] } });
  expect(wrong.problems).toMatchObject([
    {
      code: 'UNKNOWN_LABEL',
      path: ['feedback', 'labels', '0'],
      message: 'The head “topic” knows no label “sapm”.',
      hint: 'Did you mean “spam”? There are: ham, spam, phishing.',
    },
  ]);
});

describe('what was predicted', () => {
  const said = [
    { kind: 'classification', task: 'topic', labels: [{ label: 'ham', probability: 0.7 }] },
    {
      kind: 'multiLabel',
      task: 'tags',
      labels: [
        { label: 'blue', probability: 0.6, threshold: 0.5, isPredicted: true },
        { label: 'red', probability: 0.4, threshold: 0.5, isPredicted: false },
      ],
    },
    { kind: 'regression', task: 'stars', values: [{ name: 'stars', value: 4.5 }] },
  ];

  /** Asks for predictions and answers as a worker does. Returns the id for feedback. */
  async function predicted(texts: readonly string[]): Promise<string> {
    await insertWorker(api.dataSource);
    const asked = api.request<{ predict: { feedbackId: string } }>(
      'mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { feedbackId } } }',
      { input: { modelId: ids.baseModel(classifier), texts } },
    );
    const predictions = texts.map(() => ({ tokenCount: 3, truncated: false, tasks: said }));
    const settle = async () => {
      const [rows] = await api.dataSource.query(
        `UPDATE jobs SET state = 'succeeded', result = $1, settled_at = now()
          WHERE kind = 'predict' AND state = 'queued' RETURNING pg_notify('attune_job_settled', id::text)`,
        [JSON.stringify({ kind: 'predict', predictions })],
      );
      return rows.length;
    };
    await expect.poll(settle, { timeout: 10_000 }).toBe(1);
    return (await asked).predict.feedbackId;
  }

  test('is known by its id, with a copy of what each head said', async () => {
    const feedbackId = await predicted(['Hello', 'Buy now']);
    const target = (rest: Record<string, unknown> = {}) => ({ predicted: { feedbackId, text: 1, ...rest } });
    const thumb = { up: false };
    const told = { text: 'Buy now', model: { name: 'classifier' }, modelName: 'classifier', generation: null };
    expect(await record({ target: target({ task: 'topic' }), feedback: { labels: ['spam'] } })).toMatchObject({
      ...told,
      task: 'topic',
      answer: 'ham',
      predictedLabels: ['ham'],
      probability: 0.7,
      value: { labels: ['spam'] },
    });
    expect(await record({ target: target({ task: 'tags' }), feedback: { thumb } })).toMatchObject({
      ...told,
      answer: 'blue',
      predictedLabels: ['blue'],
      probability: null,
    });
    expect(await record({ target: target({ task: 'stars' }), feedback: { thumb } })).toMatchObject({
      ...told,
      answer: '4.5',
      predictedLabels: null,
    });
    expect(await record({ target: target({ task: 'topic', text: 0 }), feedback: { thumb } })).toMatchObject({
      text: 'Hello',
    });
    // What is recorded stays when the prediction goes.
    await api.dataSource.query('DELETE FROM jobs WHERE id = $1', [feedbackId]);
    const gone = await record({ target: target({ task: 'topic' }), feedback: { thumb } });
    expect(gone.problems).toMatchObject([
      { code: 'NOT_FOUND', path: ['target', 'predicted', 'feedbackId'], hint: expect.stringContaining('an hour') },
    ]);
  });

  test('is refused with its place, and not found from other projects', async () => {
    const feedbackId = await predicted(['Hello']);
    const refused = async (rest: Record<string, unknown>, key?: string) =>
      (
        await record(
          { target: { predicted: { feedbackId, task: 'topic', ...rest } }, feedback: { thumb: { up: true } } },
          key,
        )
      ).problems?.map(({ code, path }) => `${code} ${path.join('.')}`);
    expect(await refused({ text: 1 })).toEqual(['INVALID_VALUE target.predicted.text']);
    expect(await refused({ text: -1 })).toEqual(['INVALID_VALUE target.predicted.text']);
    expect(await refused({ task: null })).toEqual(['REQUIRED target.predicted.task']);
    expect(await refused({ task: 'topics' })).toEqual(['UNKNOWN_TASK target.predicted.task']);
    expect(await refused({ feedbackId: 'no id' })).toEqual(['NOT_FOUND target.predicted.feedbackId']);
    const { dataSource } = api;
    const there = await insertProject(dataSource, 'no predictions');
    const user = await insertUser(dataSource, 'of no predictions', { roles: { [there]: 'OWNER' } });
    const key = (await insertKey(dataSource, user, { projectId: there })).secret;
    expect(await refused({}, key)).toEqual(['NOT_FOUND target.predicted.feedbackId']);
  });
});

test.each<[string, () => Record<string, unknown>, string, string[]]>([
  ['an answer beyond the samples', () => ({ target: answer({ sample: 1 }) }), 'INVALID_VALUE', ['answer', 'sample']],
  ['a prompt below 0', () => ({ target: answer({ prompt: -1 }) }), 'INVALID_VALUE', ['answer', 'prompt']],
  [
    'a generation that is not there',
    () => ({ target: answer({ generationId: globalId('Generation', '00000000-0000-4000-8000-000000000000') }) }),
    'NOT_FOUND',
    ['answer', 'generationId'],
  ],
  [
    'a model in place of a generation',
    () => ({ target: answer({ generationId: ids.baseModel(writer) }) }),
    'NOT_FOUND',
    ['answer', 'generationId'],
  ],
  [
    'a head that the model lacks',
    () => ({ target: prediction({ task: 'topics', labels: ['ham'] }) }),
    'UNKNOWN_TASK',
    ['prediction', 'task'],
  ],
  ['one of several heads', () => ({ target: prediction({ task: null }) }), 'REQUIRED', ['prediction', 'task']],
  [
    'a predicted label that the head lacks',
    () => ({ target: prediction({ labels: ['red'] }) }),
    'UNKNOWN_LABEL',
    ['prediction', 'labels', '0'],
  ],
  ['a thumb about nothing', () => ({ target: prediction() }), 'REQUIRED', ['prediction', 'labels']],
  ['a number that is not told', () => ({ target: prediction({ task: 'stars' }) }), 'REQUIRED', ['prediction', 'shown']],
  ['an empty text', () => ({ target: prediction({ text: ' ', labels: ['ham'] }) }), 'REQUIRED', ['prediction', 'text']],
  [
    'a model without heads',
    () => ({ target: prediction({ modelId: ids.baseModel(writer) }) }),
    'NO_HEAD',
    ['prediction'],
  ],
  [
    'an alias that is not set',
    () => ({ target: prediction({ modelId: null, alias: 'live' }) }),
    'NOT_FOUND',
    ['prediction', 'alias'],
  ],
])('%s is refused', async (_, input, code, path) => {
  const refused = await record({ feedback: { thumb: { up: true } }, ...input() });
  expect(refused.problems).toMatchObject([{ code, path: ['target', ...path] }]);
});

test('scores lie on their scale; labels and better answers fit what they are about', async () => {
  const labels = ['ham'];
  const scored = await record({ target: prediction({ labels }), feedback: { score: { score: 0, from: 0, to: 10 } } });
  expect(scored).toMatchObject({ question: { from: 0, to: 10 }, value: { rating: 0 } });
  for (const [target, feedback, path] of [
    [answer(), { score: { score: 6 } }, ['score']],
    [answer(), { score: { score: 1, from: 5, to: 1 } }, ['score']],
    [answer(), { labels }, ['labels']],
    [prediction({ labels }), { betterAnswer: 'spam' }, ['betterAnswer']],
    [prediction({ task: 'stars' }), { labels }, ['labels']],
  ] as const) {
    const { problems } = await record({ target, feedback });
    expect(problems?.[0], JSON.stringify(feedback)).toMatchObject({
      code: 'INVALID_VALUE',
      path: ['feedback', ...path],
    });
  }
  expect(
    (await record({ target: answer(), feedback: { thumb: { up: true } }, subject: 'x'.repeat(201) })).problems,
  ).toMatchObject([{ code: 'TOO_LONG', path: ['subject'] }]);
});

test('what is still being written can not be judged, and what failed half-way can', async () => {
  const { dataSource, projectId } = api;
  const id = await insertGeneration(dataSource, projectId, writer);
  const cut = async (status: string) => {
    await dataSource.query(
      `DELETE FROM generation_events WHERE generation_id = $1 AND payload ->> 'kind' = 'answered'`,
      [id],
    );
    await dataSource.query(
      `UPDATE generations SET status = $2, finished_at = CASE WHEN $2 = 'RUNNING' THEN NULL ELSE now() END WHERE id = $1`,
      [id, status],
    );
  };
  const target = { answer: { generationId: globalId('Generation', id) } };
  await cut('RUNNING');
  expect((await record({ target, feedback: { thumb: { up: true } } })).problems).toMatchObject([{ code: 'CONFLICT' }]);
  await cut('CANCELED');
  expect(await record({ target, feedback: { thumb: { up: true } } })).toMatchObject({ answer: ' upon a time' });
});

test('a repeated call with its key records once; with another input it is refused', async () => {
  const input = { target: answer(), feedback: { thumb: { up: true } }, idempotencyKey: 'once' };
  const [first, second] = await Promise.all([record(input), record(input)]);
  expect(second.id).toBe(first.id);
  expect((await record(input)).id).toBe(first.id);
  const other = await record({ ...input, feedback: { thumb: { up: false } } });
  expect(other.problems).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  const [{ count }] = await api.dataSource.query('SELECT count(*)::int AS count FROM recorded_feedback WHERE id = $1', [
    parseGlobalId(first.id)!.uuid,
  ]);
  expect(count).toBe(1);
});

test('a key needs the scope ANNOTATE, and objects of its own project', async () => {
  const { dataSource, projectId } = api;
  const user = await insertUser(dataSource, 'reader', { roles: { [projectId]: 'VIEWER' } });
  const reader = (await insertKey(dataSource, user, { projectId, scopes: ['READ'] })).secret;
  const input = { target: answer(), feedback: { thumb: { up: true } } };
  expect((await record(input, reader)).problems).toMatchObject([{ code: 'FORBIDDEN' }]);
  const elsewhere = await insertProject(dataSource, 'elsewhere');
  const other = await insertUser(dataSource, 'other', { roles: { [elsewhere]: 'OWNER' } });
  const key = (await insertKey(dataSource, other, { projectId: elsewhere })).secret;
  expect((await record(input, key)).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await record({ ...input, target: prediction({ labels: ['ham'] }) }, key)).problems).toMatchObject([
    { code: 'NOT_FOUND', path: ['target', 'prediction', 'modelId'] },
  ]);
});

test('lists filter by kind, thumb, model and person; a model counts its thumbs with an interval', async () => {
  const { dataSource, projectId } = api;
  const model = await insertBaseModel(dataSource, projectId, { name: 'counted', manifest: tinyLlama });
  const made = globalId('Generation', await insertGeneration(dataSource, projectId, model));
  const target = { answer: { generationId: made } };
  for (const up of [true, true, true, true, true, true, true, true, false, false]) {
    await record({ target, feedback: { thumb: { up } }, subject: up ? 'happy' : 'sad' });
  }
  await record({ target, feedback: { score: { score: 4 } } });
  await record({ target, feedback: { betterAnswer: 'There was a king.' } });
  const data = await api.request<{ node: { recordedFeedbackCounts: unknown }; project: unknown }>(
    `query ($id: ID!, $project: String!) {
       node(id: $id) { ... on BaseModel {
         recordedFeedbackCounts { count thumbsUp thumbsDown thumbsUpShare thumbsUpShareLow thumbsUpShareHigh scores
           corrected betterAnswers }
         down: recordedFeedback(filter: { up: false }) { totalCount nodes { subject } }
         first: recordedFeedback(first: 1) { totalCount nodes { value { __typename } } } } }
       project(slug: $project) {
         happy: recordedFeedback(filter: { subject: ["happy"], model: [$id] }) { totalCount }
         texts: recordedFeedback(filter: { kind: [CORRECTION, RATING], model: [$id] }) { totalCount } } }`,
    { id: ids.baseModel(model), project: 'default' },
  );
  expect(data).toMatchObject({
    node: {
      recordedFeedbackCounts: {
        count: 12,
        thumbsUp: 8,
        thumbsDown: 2,
        thumbsUpShare: 0.8,
        // 8 of 10 by Wilson's formula, as statsmodels' proportion_confint(8, 10, method='wilson') gives it.
        thumbsUpShareLow: expect.closeTo(0.49016, 5),
        thumbsUpShareHigh: expect.closeTo(0.94332, 5),
        scores: 1,
        corrected: 0,
        betterAnswers: 1,
      },
      down: { totalCount: 2, nodes: [{ subject: 'sad' }, { subject: 'sad' }] },
      first: { totalCount: 12, nodes: [{ value: { __typename: 'CorrectionValue' } }] },
    },
    project: { happy: { totalCount: 8 }, texts: { totalCount: 2 } },
  });
  const { body } = await api.send(`{ project(slug: "default") { recordedFeedback { totalCount } } }`, {}, application);
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
});

test('what was recorded is deleted by its ids, or all of a person, and nothing of other projects', async () => {
  type Deleted = { count?: number; problems?: { code: string; path: string[] }[] };
  const remove = async (input: Record<string, unknown>, key?: string): Promise<Deleted> => {
    const query = `mutation ($input: DeleteRecordedFeedbackInput!) { deleteRecordedFeedback(input: $input) {
      ... on DeletedRecordedFeedback { count } ... on Problems { problems { code path } } } }`;
    const { body } = await api.send<{ deleteRecordedFeedback: Deleted }>(query, { input }, key);
    if (body.data === null || body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
    return body.data.deleteRecordedFeedback;
  };
  const said = async (subject: string): Promise<string> =>
    (await record({ target: answer(), feedback: { thumb: { up: true } }, subject })).id;
  const [first, second, third, other] = [
    await said('gone'),
    await said('gone'),
    await said('gone'),
    await said('stays'),
  ];
  const left = async (): Promise<string[]> => {
    const { project } = await api.request<{ project: { recordedFeedback: { nodes: { id: string }[] } } }>(
      `{ project(slug: "default") { recordedFeedback(filter: { subject: ["gone", "stays"] }) { nodes { id } } } }`,
    );
    return project.recordedFeedback.nodes.map(({ id }) => id);
  };
  await insertProject(api.dataSource, 'next-door');
  expect(await remove({ projectSlug: 'next-door', feedbackIds: [first] })).toEqual({ count: 0 });
  expect(await remove({ projectSlug: 'next-door', subject: 'gone' })).toEqual({ count: 0 });
  expect((await remove({ feedbackIds: [first] }, application)).problems).toMatchObject([{ code: 'FORBIDDEN' }]);
  for (const input of [{}, { subject: 'gone', feedbackIds: [first] }]) {
    expect((await remove(input)).problems).toMatchObject([{ code: 'INVALID_VALUE', path: ['feedbackIds'] }]);
  }
  expect((await remove({ feedbackIds: [generation] })).problems).toMatchObject([
    { code: 'NOT_FOUND', path: ['feedbackIds', '0'] },
  ]);
  expect(await left()).toHaveLength(4);
  expect(await remove({ feedbackIds: [first] })).toEqual({ count: 1 });
  expect(await remove({ feedbackIds: [first] })).toEqual({ count: 0 });
  expect(await left()).toEqual([other, third, second]);
  expect(await remove({ subject: 'gone' })).toEqual({ count: 2 });
  expect(await left()).toEqual([other]);
  const audited = await api.dataSource.query(`SELECT 1 FROM audit_log WHERE action = 'deleteRecordedFeedback'`);
  expect(audited.length).toBeGreaterThanOrEqual(3);
});
