import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RewardEvidence } from '../../../src/protocol/heads.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset, tinyLlama } from '../../support/rows.js';

let api: TestApi;
let version: string;
let writer: string;
beforeAll(async () => {
  api = await startTestApi();
  version = (await insertDataset(api.dataSource, api.projectId, { name: 'prompts' })).versionIds[0]!;
  writer = await insertBaseModel(api.dataSource, api.projectId, { name: 'writer', manifest: tinyLlama });
});
afterAll(() => api?.close());

async function judge(name: string, evidence: RewardEvidence | null): Promise<string> {
  const head = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence, templateTime: null } as const;
  return ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, heads: [head] }));
}

interface Answer {
  readonly id?: string;
  readonly rewards?: unknown;
  readonly problems?: readonly { readonly path: string[]; readonly code: string; readonly message: string }[];
}

async function score(modelId: string): Promise<Answer> {
  const { scoreSamples } = await api.request<{ scoreSamples: Answer }>(
    `mutation ($input: ScoreSamplesInput!) { scoreSamples(input: $input) {
       ... on ScoredSamples { id rewards { name weight by { __typename ... on RewardModelReward { modelId } } model { name } } }
       ... on Problems { problems { path code message } } } }`,
    {
      input: {
        modelId: ids.baseModel(writer),
        datasetVersionId: ids.version(version),
        promptColumn: 'text',
        rewards: [{ name: 'judge', weight: 2, by: { rewardModel: { modelId } } }],
      },
    },
  );
  return scoreSamples;
}

test('a reward model above chance scores samples, and is one of those that are used', async () => {
  const good = await judge('good judge', { pairs: 100, right: 80, low: 0.71, high: 0.87 });
  const { id, rewards } = await score(good);
  expect(rewards).toEqual([
    {
      name: 'judge',
      weight: 2,
      by: { __typename: 'RewardModelReward', modelId: good },
      model: { name: 'good judge' },
    },
  ]);
  const { node } = await api.request<{ node: { dependents: { nodes: unknown } } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { dependents { nodes { kind objectId name } } } } }',
    { id: good },
  );
  expect(node.dependents.nodes).toEqual([{ kind: 'SCORED_SAMPLES', objectId: id, name: 'writer, 8 samples' }]);
});

test('a reward model that may be no better than chance is refused, with the figures', async () => {
  const weak = await judge('weak judge', { pairs: 50, right: 27, low: 0.4042, high: 0.6706 });
  expect(await score(weak)).toEqual({
    problems: [
      {
        path: ['rewards', '0', 'by', 'rewardModel', 'modelId'],
        code: 'REWARD_MODEL_UNPROVEN',
        message:
          'The reward model “weak judge” is not known to be better than chance: of 50 pairs that it did not learn, it has 27 right (95 %: 0.404 to 0.671).',
      },
    ],
  });
  const unknown = await judge('unknown judge', null);
  expect((await score(unknown)).problems).toMatchObject([{ code: 'REWARD_MODEL_UNPROVEN' }]);
  expect((await score(ids.baseModel(writer))).problems).toMatchObject([{ code: 'NO_HEAD' }]);
});
