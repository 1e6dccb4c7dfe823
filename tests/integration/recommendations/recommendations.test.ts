import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { registerBundledBaseModels } from '../../../src/models/register-bundled.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { createTestExperiment } from '../../support/runs.js';
import { topicRows } from '../../support/training.js';

let room: PreparationRoom;
let models: ReadonlyMap<string, string>;
let availableBytes = Number.POSITIVE_INFINITY;
beforeAll(async () => {
  room = await openPreparationRoom({ availableBytes: () => availableBytes });
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

  const numbers = Array.from({ length: 60 }, (_, i) => i);
  const animals = ['cat', 'dog', 'horse'] as const;

  it('measures numbers of pairs of texts, and says which model reads no pairs', async () => {
    // The same animal twice is 1, two different ones are 0.
    const rows = numbers.map((i) => {
      const [first, second] = [animals[i % 3]!, animals[(i % 2 === 0 ? i : i + 1) % 3]!];
      const texts = { text: `I have a ${first}, number ${i}`, pair: `You own a ${second} of ${i} kilograms` };
      return { ...texts, alike: first === second ? 1 : 0 };
    });
    const { id } = await version(rows);
    const head = { regression: { targetColumns: ['alike'] } };
    const recommendation = await recommend({
      datasetVersionId: id,
      method: { supervised: { textColumn: 'text', textPairColumn: 'pair', head } },
    });
    expect(named(recommendation, 'use-lite')).toMatchObject({ rank: null, evidence: null, suggested: null });
    expect(named(recommendation, 'use-lite').reasons).toEqual([
      expect.objectContaining({ code: 'TASK_NOT_SUPPORTED', weight: 'EXCLUDES' }),
    ]);
    expect(named(recommendation, 'gloss-lm')).toMatchObject({
      rank: 1,
      evidence: { probe: { measure: 'R2', baseline: 0 } },
    });
  });

  it('measures lists of labels and tags of words, each on what the probe did not see', async () => {
    const rows = numbers.map((i) => {
      const own = [animals[i % 3]!, animals[Math.floor(i / 2) % 3]!];
      return {
        text: ['see', 'the', own[0], 'and', 'the', own[1], `${i}`],
        tags: ['O', 'O', 'B-animal', 'O', 'O', 'B-animal', 'O'],
        labels: [...new Set(own)],
      };
    });
    const { id } = await version(rows);
    const tagged = await recommend({
      datasetVersionId: id,
      method: { supervised: { textColumn: 'text', head: { tokenClassification: { tagColumn: 'tags' } } } },
      baseModelIds: [globalId('BaseModel', models.get('use-lite')!)],
    });
    const { probe: ofTags } = tagged.models![0]!.evidence!;
    expect(ofTags).toMatchObject({ measure: 'ACCURACY', baseline: 5 / 7 });
    expect(ofTags.score).toBeGreaterThan(0.95);
    const labelled = await recommend({
      datasetVersionId: id,
      method: { supervised: { textColumn: 'text', head: { multiLabel: { labelColumn: 'labels' } } } },
      baseModelIds: [globalId('BaseModel', models.get('use-lite')!)],
    });
    const { probe: ofLabels } = labelled.models![0]!.evidence!;
    expect(ofLabels.measure).toBe('LABEL_RANKING');
    expect(ofLabels.score).toBeGreaterThan(0.95);
  });

  it('leaves out what a budget has no room for', async () => {
    const { id } = await version(topicRows(61));
    const method = { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'topic' } } } };
    const { models: ranked } = await recommend({ datasetVersionId: id, method, budget: { memoryBytes: 1 } });
    expect(ranked!.map(({ rank, suggested }) => [rank, suggested])).toEqual([
      [null, null],
      [null, null],
    ]);
    for (const { reasons } of ranked!) expect(reasons.map(({ code }) => code)).toEqual(['OVER_MEMORY']);
  });

  it('loads no model that memory has no room for, and says so', async () => {
    const { id } = await version(topicRows(60));
    const method = { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'topic' } } } };
    availableBytes = 100e6;
    try {
      const { models: ranked } = await recommend({ datasetVersionId: id, method });
      expect(ranked!.map(({ rank, evidence }) => [rank, evidence])).toEqual([
        [null, null],
        [null, null],
      ]);
      expect(ranked!.map(({ reasons }) => reasons[0])).toEqual(
        ranked!.map(() => ({
          code: 'TOO_LARGE_TO_PROBE',
          weight: 'EXCLUDES',
          message: expect.stringMatching(/takes about \d+\.\d MB of memory, and the worker has 100\.0 MB left\.$/),
        })),
      );
    } finally {
      availableBytes = Number.POSITIVE_INFINITY;
    }
  });

  it('says what is known of a model beside its score: what it was trained on, and its licence', async () => {
    const rows = Array.from({ length: 64 }, (_, i) => ({
      text: `A ${animals[i % 2]} of ${i} years`,
      label: animals[i % 2],
    }));
    const { id } = await version(rows);
    const encoder = models.get('use-lite')!;
    const { dataSource } = room.api;
    const { runId } = await createTestExperiment(room.api, {
      name: `learnt ${randomUUID()}`,
      baseModel: encoder,
      version: parseGlobalId(id)!.uuid,
    });
    const [learnt] = await dataSource.query<{ id: string }[]>(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id)
       SELECT gen_random_uuid(), project_id, 'learnt', digest, manifest, source, $2 FROM base_models WHERE id = $1
       RETURNING id`,
      [encoder, runId],
    );
    const method = { supervised: { textColumn: 'text', labelColumn: 'label' } };
    const asked = [encoder, learnt!.id].map((model) => globalId('BaseModel', model));
    const knownOf = ({ reasons }: Model) =>
      reasons
        .filter(({ code }) => ['LEARNT_FROM_DATASET', 'LICENCE_WARNED', 'LICENCE_DENIED'].includes(code))
        .map(({ code, weight }) => `${code} ${weight}`);
    const under = async (policy: Record<string, unknown>) => {
      const changed = await room.api.request<{ setLicencePolicy: { problems?: Problem[] } }>(
        `mutation ($input: SetLicencePolicyInput!) { setLicencePolicy(input: $input) {
           ... on Problems { problems { path code } } } }`,
        { input: policy },
      );
      expect(changed.setLicencePolicy).toEqual({});
      const made = await recommend({ datasetVersionId: id, method, baseModelIds: asked });
      return [named(made, 'use-lite'), named(made, 'learnt')];
    };
    try {
      const [bare, taught] = await under({ warn: ['Apache-2.0'], deny: [] });
      expect(knownOf(bare!)).toEqual(['LICENCE_WARNED AGAINST']);
      expect(knownOf(taught!)).toEqual(['LICENCE_WARNED AGAINST', 'LEARNT_FROM_DATASET AGAINST']);
      expect([bare!.rank, taught!.rank].toSorted()).toEqual([1, 2]);

      const denied = await under({ warn: [], deny: ['Apache-*'] });
      for (const model of denied) {
        expect(model).toMatchObject({ rank: null, suggested: null, evidence: null });
        expect(knownOf(model)).toContain('LICENCE_DENIED EXCLUDES');
      }
    } finally {
      await dataSource.query('UPDATE projects SET licence_policy = NULL');
    }
  });

  it('refuses nonsense, and leaves nothing behind', async () => {
    const { id } = await version(topicRows(62));
    const method = { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'topic' } } } };
    const refused = async (input: Record<string, unknown>) => {
      const { problems } = await queue({ datasetVersionId: id, method, ...input });
      return problems?.map(({ path, code }) => [path.join('.'), code]);
    };
    const head = { classification: { labelColumn: 'tpoic' } };
    expect(await refused({ method: { supervised: { textColumn: 'text', head } } })).toEqual([
      ['method.supervised.head.classification.labelColumn', 'UNKNOWN_COLUMN'],
    ]);
    expect(await refused({ trainSplit: 'trian' })).toEqual([['trainSplit', 'UNKNOWN_SPLIT']]);
    expect(await refused({ budget: { seconds: 0, memoryBytes: 0 } })).toEqual([
      ['budget.memoryBytes', 'INVALID_VALUE'],
      ['budget.seconds', 'INVALID_VALUE'],
    ]);
    const [own, other] = [globalId('BaseModel', models.get('use-lite')!), globalId('BaseModel', randomUUID())];
    expect(await refused({ baseModelIds: [own, other] })).toEqual([['baseModelIds.1', 'NOT_FOUND']]);
    expect(await refused({ baseModelIds: [] })).toEqual([['baseModelIds', 'INVALID_VALUE']]);
    expect(await refused({ baseModelIds: [own, own] })).toEqual([['baseModelIds.1', 'INVALID_VALUE']]);
    expect(await refused({ method: { languageModelling: { textColumn: 'text' } } })).toEqual([
      ['method.languageModelling', 'INVALID_VALUE'],
    ]);
    expect(await refused({ datasetVersionId: own })).toEqual([['datasetVersionId', 'NOT_FOUND']]);
    const { node } = await room.api.request<{ node: { recommendations: { totalCount: number } } }>(
      'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { recommendations { totalCount } } } }',
      { id },
    );
    expect(node.recommendations.totalCount).toBe(0);
  });

  it('goes with the version that it is for, and an ended one can not be canceled', async () => {
    const { id, dataset } = await version(topicRows(63));
    const method = { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'topic' } } } };
    const { id: recommendation } = await recommend({
      datasetVersionId: id,
      method,
      baseModelIds: [globalId('BaseModel', models.get('use-lite')!)],
    });
    const { cancelModelRecommendation: canceled } = await room.api.request<{
      cancelModelRecommendation: { problems: Problem[] };
    }>(
      `mutation ($id: ID!) { cancelModelRecommendation(input: { recommendationId: $id }) {
         ... on Problems { problems { path code } } } }`,
      { id: recommendation },
    );
    expect(canceled.problems).toEqual([{ path: ['recommendationId'], code: 'CONFLICT' }]);
    await room.api.request(
      'mutation ($id: ID!) { deleteDataset(input: { datasetId: $id }) { ... on Problems { problems { code } } } }',
      { id: dataset.id },
    );
    const { node } = await room.api.request<{ node: object | null }>('query ($id: ID!) { node(id: $id) { id } }', {
      id: recommendation,
    });
    expect(node).toBeNull();
  });
});
