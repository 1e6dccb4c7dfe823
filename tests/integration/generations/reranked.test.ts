import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { GenerationEvent } from '../../../src/protocol/generation.js';
import type { RewardEvidence } from '../../../src/protocol/heads.js';
import type { RankedAnswer } from '../../../src/protocol/rewards/rerank.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type GeneratingWorker, startGeneratingWorker } from '../../support/generating-worker.js';
import { said, started } from '../../support/generations.js';
import { ids, insertBaseModel, tinyLlama } from '../../support/rows.js';

/** Generations whose answers are put in order by rewards; what the worker says is the test's. */

let database: TestDatabase;
let api: TestApi;
let worker: GeneratingWorker;
let modelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi({ database });
  worker = await startGeneratingWorker(database.url);
  modelId = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'llama', manifest: tinyLlama }));
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await api?.close();
  await database?.drop();
});

const fields = /* GraphQL */ `
  id status answers { prompt sample text reward bySource }
  settings { samples rerank { keep rewards { name weight model { name }
    by { __typename ... on LengthCostReward { cost unit } ... on RewardModelReward { modelId } } } } }`;
const problems = '... on Problems { problems { path code message hint } }';

interface Generated {
  readonly id: string;
  readonly problems?: { readonly code: string; readonly path: string[]; readonly message: string }[];
  readonly [field: string]: unknown;
}

async function ask(input: Record<string, unknown>): Promise<Generated> {
  const query = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Generation { ${fields} } ${problems} } }`;
  const asked = { modelId, prompts: [{ text: 'once' }], ...input };
  return (await api.request<{ generate: Generated }>(query, { input: asked })).generate;
}

const read = async (id: string): Promise<Generated> =>
  (
    await api.request<{ node: Generated }>(`query ($id: ID!) { node(id: $id) { ... on Generation { ${fields} } } }`, {
      id,
    })
  ).node;

/** A reward model with this evidence. */
async function judge(name: string, evidence: RewardEvidence): Promise<string> {
  const head = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence, templateTime: null } as const;
  return ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, heads: [head] }));
}
const sure = { pairs: 100, right: 80, low: 0.71, high: 0.87 };

const answered = (prompt: number, sample: number): GenerationEvent => ({
  kind: 'answered',
  prompt,
  sample,
  reason: 'length',
  tokenCount: 1,
  stop: null,
});
const ranked = (prompt: number, ...answers: readonly RankedAnswer[]): GenerationEvent => ({
  kind: 'ranked',
  prompt,
  answers: [...answers],
});
const worth = (sample: number, reward: number | null): RankedAnswer => ({ sample, reward, bySource: [reward, null] });
const text = (prompt: number, sample: number): GenerationEvent =>
  ({ ...said(0, `${prompt}/${sample}`), prompt, sample }) as GenerationEvent;

async function follow(id: string): Promise<object[]> {
  const query = /* GraphQL */ `subscription ($id: ID!) { generationEvents(generationId: $id) { __typename
    ... on AnswersRanked { seq prompt answers { sample reward bySource } } } }`;
  const seen: object[] = [];
  const client = createClient({ url: `${api.url}/graphql`, retryAttempts: 0 });
  for await (const { data } of client.iterate({ query, variables: { id } })) {
    seen.push((data as unknown as { generationEvents: object }).generationEvents);
  }
  return seen;
}

const short = { name: 'short', weight: 0.5, by: { lengthCost: { cost: 1 } } };

test('the best answers come first once all are scored, with what they are worth; the others stay in the log', async () => {
  const reward = await judge('judge', sure);
  const { id, settings } = await ask({
    prompts: [{ text: 'once' }, { text: 'twice' }],
    samples: 3,
    wait: false,
    rerank: { keep: 2, rewards: [short, { name: 'judge', by: { rewardModel: { modelId: reward } } }] },
  });
  expect(settings).toEqual({
    samples: 3,
    rerank: {
      keep: 2,
      rewards: [
        {
          name: 'short',
          weight: 0.5,
          by: { __typename: 'LengthCostReward', cost: 1, unit: 'TOKENS' },
          model: null,
        },
        {
          name: 'judge',
          weight: 1,
          by: { __typename: 'RewardModelReward', modelId: reward },
          model: { name: 'judge' },
        },
      ],
    },
  });
  const following = follow(id);
  const { job, say, succeed } = await worker.claim();
  expect(job.settings.rerank).toMatchObject({
    keep: 2,
    rewards: [
      { name: 'short', weight: 0.5, source: { kind: 'rule' } },
      { name: 'judge', weight: 1, source: { kind: 'rewardModel', modelId: parseGlobalId(reward)!.uuid } },
    ],
  });
  const places = [0, 1].flatMap((prompt) => [0, 1, 2].map((sample) => [prompt, sample] as const));
  await say(started, ...places.map((place) => text(...place)));
  await say(...places.map((place) => answered(...place)));
  // Until they are scored, they stand as they were written.
  expect((await read(id)).answers).toEqual(
    places.map(([prompt, sample]) => ({
      prompt,
      sample,
      text: `${prompt}/${sample}`,
      reward: null,
      bySource: null,
    })),
  );
  await say(
    ranked(0, worth(2, 1.5), worth(0, 0.5), worth(1, -1)),
    ranked(1, worth(1, -2), worth(0, null), worth(2, null)),
  );
  await succeed();
  expect((await read(id)).answers).toEqual([
    { prompt: 0, sample: 2, text: '0/2', reward: 1.5, bySource: [1.5, null] },
    { prompt: 0, sample: 0, text: '0/0', reward: 0.5, bySource: [0.5, null] },
    { prompt: 1, sample: 1, text: '1/1', reward: -2, bySource: [-2, null] },
    { prompt: 1, sample: 0, text: '1/0', reward: null, bySource: [null, null] },
  ]);
  const seen = await following;
  expect(seen.slice(-3)).toEqual([
    {
      __typename: 'AnswersRanked',
      seq: 14,
      prompt: 0,
      answers: [worth(2, 1.5), worth(0, 0.5), worth(1, -1)],
    },
    { __typename: 'AnswersRanked', seq: 15, prompt: 1, answers: [worth(1, -2), worth(0, null), worth(2, null)] },
    { __typename: 'GenerationEnded' },
  ]);

  // The order stays without the model that made it.
  await api.dataSource.query('DELETE FROM base_models WHERE id = $1', [parseGlobalId(reward)!.uuid]);
  const kept = await read(id);
  expect(kept.answers).toHaveLength(4);
  expect(kept.settings).toMatchObject({ rerank: { rewards: [{ model: null }, { name: 'judge', model: null }] } });
});

test('a worker that was lost after its order is followed by one whose order counts alone', async () => {
  const { id } = await ask({ samples: 2, wait: false, keepWithoutListeners: true, rerank: { rewards: [short] } });
  const { say, succeed } = await worker.claim();
  const first = [started, text(0, 0), text(0, 1), answered(0, 0), answered(0, 1)];
  await say(...first, ranked(0, worth(1, 3), worth(0, 2)));
  await say(...first);
  expect((await read(id)).answers).toMatchObject([{ sample: 0, reward: null }, { sample: 1 }]);
  await say(ranked(0, worth(0, 5), worth(1, 4)));
  await succeed();
  expect((await read(id)).answers).toMatchObject([
    { sample: 0, reward: 5 },
    { sample: 1, reward: 4 },
  ]);
});

describe('refused is', () => {
  const by = (source: Record<string, unknown>) => ({ rewards: [short, { name: 'other', by: source }] });
  test.each([
    ['no reward', { rerank: { rewards: [] } }, 'REQUIRED', ['rerank', 'rewards']],
    ['more than there are', { samples: 2, rerank: { rewards: [short], keep: 3 } }, 'INVALID_VALUE', ['rerank', 'keep']],
    ['none', { rerank: { rewards: [short], keep: 0 } }, 'INVALID_VALUE', ['rerank', 'keep']],
    [
      'a choice without chance',
      { samples: 2, sampling: { temperature: 0 }, rerank: { rewards: [short] } },
      'INVALID_VALUE',
      ['sampling', 'temperature'],
    ],
    [
      'a column',
      { rerank: by({ equals: { column: 'gold' } }) },
      'UNKNOWN_COLUMN',
      ['rerank', 'rewards', '1', 'by', 'equals', 'column'],
    ],
    [
      'a service',
      { rerank: by({ service: { url: 'https://example.org/' } }) },
      'INVALID_VALUE',
      ['rerank', 'rewards', '1', 'by', 'service'],
    ],
    [
      'a pattern that is none',
      { rerank: by({ pattern: { pattern: '(' } }) },
      'INVALID_VALUE',
      ['rerank', 'rewards', '1', 'by', 'pattern', 'pattern'],
    ],
  ])('%s, with its place', async (_what, input, code, path) => {
    expect((await ask(input)).problems).toMatchObject([{ code, path }]);
  });

  test('a reward model that may be no better than chance, with the figures', async () => {
    const weak = await judge('weak judge', { pairs: 50, right: 27, low: 0.4042, high: 0.6706 });
    const { problems: said } = await ask({ samples: 2, rerank: by({ rewardModel: { modelId: weak } }) });
    expect(said).toMatchObject([
      { code: 'REWARD_MODEL_UNPROVEN', path: ['rerank', 'rewards', '1', 'by', 'rewardModel', 'modelId'] },
    ]);
    expect(said![0]!.message).toContain('of 50 pairs that it did not learn, it has 27 right (95 %: 0.404 to 0.671)');
  });
});
