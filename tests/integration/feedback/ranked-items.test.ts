import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../../src/database/transaction.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertFeedbackItems } from '../../../src/protocol/sql/insert-feedback-items.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';

/** Pairs that reward models rank: what the graph takes and shows of them, and in which order people get them. */

let api: TestApi;
let version: string;
let judges: string[];
let plain: string;
beforeAll(async () => {
  api = await startTestApi();
  version = ids.version((await insertDataset(api.dataSource, api.projectId, { name: 'pairs' })).versionIds[0]!);
  // Nothing says whether they are above chance: they steer nothing.
  const head = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence: null, templateTime: null } as const;
  judges = await Promise.all(
    ['one', 'two', 'three'].map((name) =>
      insertBaseModel(api.dataSource, api.projectId, { name: `judge ${name}`, heads: [head] }),
    ),
  );
  plain = await insertBaseModel(api.dataSource, api.projectId, { name: 'plain' });
});
afterAll(() => api?.close());

const source = (rankedBy: Record<string, unknown>) => ({
  rows: { datasetVersionId: version, answerColumns: ['text', 'label'], rankedBy },
});
const models = (...places: readonly number[]) => places.map((place) => ids.baseModel(judges[place]!));

async function refused(input: Record<string, unknown>) {
  const given = { name: 'refused', question: { pairwise: {} }, ...input };
  const { problems } = await mutate(api, 'createFeedbackTask', 'FeedbackTask { id }', given);
  return problems?.map(({ path, code }) => `${path.join('.')}: ${code}`);
}

test('the job gets the models, and the graph shows them and what decides', async () => {
  const input = { rewardModelIds: models(0, 1, 2), by: 'GAP_VARIANCE', keep: 5 };
  const question = { pairwise: {} };
  const order = 'ENSEMBLE_DISAGREEMENT';
  const task = await createFeedbackTask(api, { name: 'ranked', question, order, source: source(input) });
  const [{ payload }] = await api.dataSource.query('SELECT payload FROM jobs ORDER BY created_at DESC LIMIT 1');
  expect(payload.ranking).toMatchObject({
    by: 'GAP_VARIANCE',
    keep: 5,
    models: judges.map((modelId) => ({ modelId })),
  });
  const { node } = await api.request<{ node: unknown }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { order source { rankedBy rewardModels { name } models { name } } } } }`,
    { id: task },
  );
  expect(node).toEqual({
    order,
    source: {
      rankedBy: 'GAP_VARIANCE',
      rewardModels: ['one', 'two', 'three'].map((name) => ({ name: `judge ${name}` })),
      models: [],
    },
  });
});

test('models and orders that do not fit are refused, with their places', async () => {
  const at = 'source.rows.rankedBy';
  expect(await refused({ source: source({ rewardModelIds: models(0), by: 'GAP_VARIANCE' }) })).toEqual([
    `${at}.rewardModelIds: REQUIRED`,
  ]);
  expect(await refused({ source: source({ rewardModelIds: models(0, 1), by: 'SMALLEST_GAP', keep: 0 }) })).toEqual([
    `${at}.rewardModelIds: TOO_LONG`,
    `${at}.keep: INVALID_VALUE`,
  ]);
  expect(
    await refused({
      source: source({ rewardModelIds: [...models(0, 0), ids.baseModel(plain), version], by: 'GAP_VARIANCE' }),
    }),
  ).toEqual([
    `${at}.rewardModelIds.1: INVALID_VALUE`,
    `${at}.rewardModelIds.2: NO_HEAD`,
    `${at}.rewardModelIds.3: NOT_FOUND`,
  ]);
  const rated = { question: { ranking: {} }, source: source({ rewardModelIds: models(0), by: 'LARGEST_GAP' }) };
  expect(await refused(rated)).toEqual([`${at}: INVALID_VALUE`]);
  const bySmallest = source({ rewardModelIds: models(0), by: 'SMALLEST_GAP' });
  expect(await refused({ order: 'ENSEMBLE_DISAGREEMENT', source: bySmallest })).toEqual(['order: INVALID_VALUE']);
  const byVariance = source({ rewardModelIds: models(0, 1), by: 'GAP_VARIANCE' });
  expect(await refused({ order: 'PREDICTED_GAP', source: byVariance })).toEqual(['order: INVALID_VALUE']);
});

test('people get the pair with the greatest priority first, and its rewards are shown to whoever trains', async () => {
  const task = await createFeedbackTask(api, {
    name: 'handed out',
    question: { pairwise: {} },
    order: 'PREDICTED_GAP',
    randomShare: 0,
  });
  const { uuid } = parseGlobalId(task)!;
  const item = (text: string, rewards: [number | null, number | null], priority: number | null) => ({
    content: {
      prompt: { kind: 'text' as const, text },
      text: null,
      answers: ['a', 'b'].map((key) => ({ key, text: key, modelId: null, generationId: null, settings: null })),
      row: null,
      group: text,
    },
    gold: null,
    prediction: null,
    priority,
    rewards: [{ modelId: judges[0]!, rewards }],
  });
  const items = [item('far', [2, -1], -3), item('unscored', [null, 1], null), item('near', [0.5, 0.25], -0.25)];
  await inTransaction(api.dataSource, ({ query }) => insertFeedbackItems(query, uuid, 1, items));
  const order: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { claim } = await claimItem(api, task);
    order.push(claim!.item.prompt!.text!);
    await submitFeedback(api, claim!.id, { pairwise: { preferred: 'a' } });
  }
  expect(order).toEqual(['near', 'far', 'unscored']);
  const { node } = await api.request<{ node: { items: { nodes: unknown } } }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 3) { nodes { priority rewards { gap rewards model { name } } } } } } }`,
    { id: task },
  );
  const model = { name: 'judge one' };
  expect(node.items.nodes).toEqual([
    { priority: -3, rewards: [{ gap: 3, rewards: [2, -1], model }] },
    { priority: null, rewards: [{ gap: null, rewards: [null, 1], model }] },
    { priority: -0.25, rewards: [{ gap: 0.25, rewards: [0.5, 0.25], model }] },
  ]);
});
