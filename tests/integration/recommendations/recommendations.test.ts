import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { registerBundledBaseModels } from '../../../src/models/register-bundled.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { topicRows } from '../../support/training.js';

let room: PreparationRoom;
let models: ReadonlyMap<string, string>;
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, store, projectId } = room.api;
  models = await registerBundledBaseModels(dataSource, store, projectId);
});
afterAll(() => room?.[Symbol.asyncDispose]());

const fields = /* GraphQL */ `id status problem { code message } progress { modelsDone modelsTotal currentModel }
  datasetVersion { id } author { id }
  models { name rank baseModel { id name } reasons { code weight message }
    evidence { reading { texts tokensPerWord unknownShare medianTokens percentile95Tokens maxLength truncatedShare }
      probe { measure score standardError baseline examples logMe seconds } }
    suggested { kind } trainings { kind fits memoryBytes seconds trainableParameters
      hyperparameters { learningRate epochs freeze { kind } adapter { rank } } } }`;

interface Model {
  readonly name: string;
  readonly rank: number | null;
  readonly baseModel: { readonly id: string } | null;
  readonly reasons: readonly { readonly code: string; readonly weight: string; readonly message: string }[];
  readonly evidence: {
    readonly reading: Record<string, number>;
    readonly probe: { readonly measure: string; readonly score: number; readonly baseline: number } & Record<
      string,
      unknown
    >;
  } | null;
  readonly suggested: { readonly kind: string } | null;
  readonly trainings: readonly { readonly kind: string; readonly fits: boolean; readonly memoryBytes: number }[];
}
interface Recommendation {
  readonly id: string;
  readonly status: string;
  readonly models: readonly Model[] | null;
}
interface Problem {
  readonly path: readonly string[];
  readonly code: string;
}

const ask = /* GraphQL */ `mutation ($input: RecommendBaseModelsInput!) { recommendBaseModels(input: $input) {
  ... on ModelRecommendation { id } ... on Problems { problems { path code message hint } } } }`;

async function queue(input: Record<string, unknown>): Promise<{ id?: string; problems?: Problem[] }> {
  const answer = await room.api.request<{ recommendBaseModels: { id?: string; problems?: Problem[] } }>(ask, { input });
  return answer.recommendBaseModels;
}

/** Asks, and follows the recommendation to its end. */
async function recommend(input: Record<string, unknown>): Promise<Recommendation> {
  const { id, problems } = await queue(input);
  if (id === undefined) throw new Error(JSON.stringify(problems));
  const changes = room.api.connect().iterate<{ modelRecommendationChanged: Recommendation }>({
    query: `subscription ($id: ID!) { modelRecommendationChanged(recommendationId: $id) { ${fields} } }`,
    variables: { id },
  });
  let last: Recommendation | null = null;
  for await (const { data, errors } of changes) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    last = data?.modelRecommendationChanged ?? last;
  }
  return last!;
}

async function version(lines: readonly object[]) {
  const upload = await room.upload(lines.map((line) => JSON.stringify(line)).join('\n'), 'JSONL');
  return room.prepare({ name: `task ${randomUUID()}`, sources: [{ upload: { uploadId: upload } }] });
}

const named = (recommendation: Recommendation, name: string) =>
  recommendation.models!.find((model) => model.name === name)!;

describe('recommendBaseModels', () => {
  it('ranks the bundled models by what a probe makes of their features, and says why', async () => {
    const { id } = await version(topicRows(120));
    const method = { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'topic' } } } };
    const recommendation = await recommend({ datasetVersionId: id, method });
    expect(recommendation).toMatchObject({ status: 'SUCCEEDED', datasetVersion: { id } });
    expect(recommendation.models!.map(({ rank }) => rank)).toEqual([1, 2]);
    const encoder = named(recommendation, 'use-lite');
    expect(encoder.baseModel).toMatchObject({ id: globalId('BaseModel', models.get('use-lite')!) });
    const { probe, reading } = encoder.evidence!;
    expect(probe).toMatchObject({ measure: 'ACCURACY' });
    expect(probe.score).toBeGreaterThan(probe.baseline);
    expect(reading.tokensPerWord).toBeGreaterThanOrEqual(1);
    expect(encoder.trainings.map(({ kind }) => kind)).toEqual(['FULL', 'LORA', 'FROZEN']);
    expect(encoder.reasons.map(({ code }) => code)).toContain('SUGGESTED_TRAINING');
    const [best] = recommendation.models!;
    expect(best!.reasons[0]).toMatchObject({ code: 'BEST_PROBE', weight: 'FOR' });

    const { node } = await room.api.request<{ node: { recommendations: { nodes: { id: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { recommendations { nodes { id } } } } }',
      { id },
    );
    expect(node.recommendations.nodes).toEqual([{ id: recommendation.id }]);
  });
});
