import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { startDataWorker } from '../../support/data-worker.js';
import { referenceModel } from '../../support/models.js';
import { openHub, type StandInHub } from '../hugging-face/hub-server.js';

/** `inspectBaseModel`, by a worker that looks into models. */

const repository = 'acme/tiny';
let api: TestApi;
let hub: StandInHub;
let worker: AsyncDisposable;

beforeAll(async () => {
  const bert = referenceModel('bert');
  const files = await Promise.all(
    (await readdir(bert)).map(async (name) => {
      const bytes = await readFile(join(bert, name));
      return [name, { bytes, isLarge: name.endsWith('.safetensors') }] as const;
    }),
  );
  hub = await openHub(repository, 'main', new Map(files));
  api = await startTestApi({ predictionTimeoutMs: 30_000 });
  worker = await startDataWorker({
    databaseUrl: api.databaseUrl,
    storeOf: () => api.store,
    folder: join(api.folder, 'ingestion'),
    importing: {
      hub: { endpoint: hub.endpoint, token: null },
      importFolders: [referenceModel('.'), referenceModel('../decoders'), api.folder],
    },
  });
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await api?.close();
  await hub?.close();
});
beforeEach(() => api.dataSource.query('UPDATE projects SET licence_policy = NULL, max_storage_bytes = NULL'));

const fields = /* GraphQL */ `
  __typename
  ... on BaseModelInspection {
    source wouldImport problems { path code message } modelType className architecture countedIn
    parameters { total embeddings layers pooler languageModel heads }
    layers { index name parameterCount } layerCount hiddenSize contextLength vocabularySize
    tokenizer { kind vocabularySize } allHeads { task kind outputs } pooling truncationSide
    precisions { type parameterCount } weightFileCount weightsSizeBytes importedSizeBytes
    ignoredTensors ignoredTensorCount licence foundLicence licenceVerdict { decision spdxExpression }
    chatTemplate adapter { rank alpha targetModules baseModelName parameterCount }
    supports { methods heads objective pairs poolings lowRankAdapters adapterTargets frozenWeights generates exports }
    trainingMemory(batchSize: 4, maxLength: 32) {
      batchSize maxLength rank predictsTokens largestWorkerBytes
      ways { way frozenWeights trainableParameters frozenParameters bytes fits }
    }
  }
  ... on Problems { problems { path code message hint } }`;

interface Inspection {
  readonly __typename: string;
  readonly [field: string]: unknown;
  readonly problems: readonly { readonly path: readonly string[]; readonly code: string }[];
}

async function inspect(input: Record<string, unknown>): Promise<Inspection> {
  const { inspectBaseModel } = await api.request<{ inspectBaseModel: Inspection }>(
    `query ($input: InspectBaseModelInput!) { inspectBaseModel(input: $input) { ${fields} } }`,
    { input },
  );
  return inspectBaseModel;
}
const inFolder = (name: string) => ({ source: { folder: { path: referenceModel(name) } } });

describe('a model', () => {
  test('in a folder is told with its parts, what it supports and what it takes', async () => {
    const found = await inspect(inFolder('bert'));
    // By hand, of BERT with V 120, P 64, H 32, I 64, 2 layers, 3 classes:
    const embeddings = 120 * 32 + 64 * 32 + 2 * 32 + 2 * 32;
    const layer = 4 * (32 * 32 + 32) + 2 * 2 * 32 + (64 * 32 + 64) + (32 * 64 + 32);
    const pooler = 32 * 32 + 32;
    const heads = 3 * 32 + 3;
    const total = embeddings + 2 * layer + pooler + heads;
    expect(found).toMatchObject({
      __typename: 'BaseModelInspection',
      source: `folder:${referenceModel('bert')}`,
      wouldImport: true,
      problems: [],
      modelType: 'bert',
      className: 'BertForSequenceClassification',
      architecture: 'BERT',
      countedIn: 'HEADERS',
      parameters: { total, embeddings, layers: 2 * layer, pooler, languageModel: 0, heads },
      layerCount: 2,
      hiddenSize: 32,
      contextLength: 64,
      vocabularySize: 120,
      tokenizer: { kind: 'WordPiece', vocabularySize: 120 },
      allHeads: [{ task: 'label', kind: 'CLASSIFICATION', outputs: ['cards', 'transfers', 'fees'] }],
      pooling: 'FIRST_TOKEN',
      precisions: [{ type: 'F32', parameterCount: total }],
      weightFileCount: 1,
      importedSizeBytes: 4 * total,
      licence: 'unknown',
      foundLicence: null,
      licenceVerdict: { decision: 'WARN', spdxExpression: null },
      chatTemplate: null,
      adapter: null,
      supports: {
        methods: ['SUPERVISED', 'MULTI_TASK', 'LANGUAGE_MODELLING', 'REWARD_MODELLING'],
        objective: 'MASKED',
        pairs: true,
        poolings: ['FIRST_TOKEN', 'MEAN'],
        lowRankAdapters: true,
        adapterTargets: ['query', 'value', 'key', 'dense'],
        frozenWeights: ['FLOAT32', 'FLOAT16', 'INT8', 'INT4'],
        generates: false,
        exports: ['HUGGING_FACE', 'ONNX', 'TRANSFORMERS_JS'],
      },
    });
    const { ways, ...asked } = found.trainingMemory as { ways: Record<string, unknown>[] };
    expect(asked).toEqual({ batchSize: 4, maxLength: 32, rank: 8, predictsTokens: false, largestWorkerBytes: 2 ** 33 });
    expect(ways.map(({ way, frozenWeights }) => [way, frozenWeights])).toEqual([
      ['FULL', null],
      ['HEAD_ALONE', null],
      ['LOW_RANK_ADAPTER', 'FLOAT32'],
      ['LOW_RANK_ADAPTER', 'FLOAT16'],
      ['LOW_RANK_ADAPTER', 'INT8'],
      ['LOW_RANK_ADAPTER', 'INT4'],
    ]);
    // A new head of two classes; all, that head alone, and A and B of 8 × 32 on query and value of two layers with it.
    const body = embeddings + 2 * layer + pooler;
    const head = 2 * 32 + 2;
    expect(ways.map(({ trainableParameters, frozenParameters }) => [trainableParameters, frozenParameters])).toEqual([
      [body + head, 0],
      [head, body],
      ...Array.from({ length: 4 }, () => [2 * 2 * 2 * 8 * 32 + head, body]),
    ]);
    expect(ways.every(({ fits, bytes }) => fits === true && Number(bytes) > 0)).toBe(true);
  });

  test('of a hub that is out of order is given up after three attempts', async () => {
    let attempts = 0;
    hub.refusal = {
      get status() {
        attempts += 1;
        return 503;
      },
    };
    try {
      const answer = await inspect({ source: { hub: { repository } } });
      expect(answer.problems).toMatchObject([{ code: 'HUB_UNAVAILABLE', hint: 'Try again later.' }]);
    } finally {
      hub.refusal = null;
    }
    expect(attempts).toBe(3);
  });

  test('of a hub is the same, and its weights stay there', async () => {
    const found = await inspect({ source: { hub: { repository } } });
    const { source, ...rest } = await inspect(inFolder('bert'));
    expect(found).toEqual({ ...rest, source: `hub:${repository}@${hub.commit}` });
    expect(hub.requests.filter((request) => request.includes('safetensors'))).toEqual([
      'GET model.safetensors to 65535',
    ]);
  });

  test('that predicts the next token is trained on texts, and says how it is talked to', async () => {
    const path = await mkdtemp(join(api.folder, 'llama-'));
    await cp(referenceModel('../decoders/llama'), path, { recursive: true });
    await writeFile(join(path, 'chat_template.jinja'), '{{ messages[0].content }}');
    const found = await inspect({ source: { folder: { path } } });
    expect(found).toMatchObject({
      architecture: 'LLAMA',
      chatTemplate: '{{ messages[0].content }}',
      // Untied: a matrix of 320 × 16 beside the table.
      parameters: { embeddings: 320 * 16, languageModel: 320 * 16, heads: 0 },
      supports: { objective: 'CAUSAL', generates: true, exports: expect.arrayContaining(['GGUF']) },
      trainingMemory: { predictsTokens: true, maxLength: 32 },
    });
    expect((found.trainingMemory as { ways: { way: string }[] }).ways.map(({ way }) => way)).not.toContain(
      'HEAD_ALONE',
    );
  });

  test('that is made of a configuration has the parameters that it would have', async () => {
    const found = await inspect({
      source: {
        configuration: {
          architecture: 'BERT',
          hiddenSize: 8,
          layers: 1,
          attentionHeads: 2,
          contextLength: 16,
          tokenizer: { folder: { path: referenceModel('bert') } },
        },
      },
    });
    const layer = 4 * (8 * 8 + 8) + 2 * 2 * 8 + (32 * 8 + 32) + (8 * 32 + 8);
    expect(found).toMatchObject({
      wouldImport: true,
      countedIn: 'CONFIGURATION',
      parameters: { total: 120 * 8 + 16 * 8 + 2 * 8 + 2 * 8 + layer, pooler: 0 },
      layerCount: 1,
      contextLength: 16,
    });
  });
});

describe('problems', () => {
  test('that an import would have are told with the path into its input', async () => {
    const path = await mkdtemp(join(api.folder, 'mamba-'));
    await cp(referenceModel('bert'), path, { recursive: true });
    await writeFile(join(path, 'config.json'), '{"model_type":"mamba"}');
    expect(await inspect({ source: { folder: { path } } })).toMatchObject({
      wouldImport: false,
      modelType: 'mamba',
      architecture: null,
      parameters: null,
      layers: [],
      supports: null,
      trainingMemory: null,
      tokenizer: { kind: 'WordPiece' },
      problems: [{ path: ['source'], code: 'UNSUPPORTED_MODEL' }],
    });
    const adapter = await inspect(inFolder('adapters/bert-lora/trained'));
    expect(adapter).toMatchObject({
      wouldImport: false,
      adapter: { parameterCount: null },
      problems: [{ path: ['adapterBaseModelId'], code: 'REQUIRED' }],
    });
  });

  test('with the source itself are the answer', async () => {
    const problemsOf = async (source: object, more: object = {}) => {
      const answer = await inspect({ source, ...more });
      expect(answer.__typename).toBe('Problems');
      return answer.problems.map(({ path, code }) => [code, ...path].join(' '));
    };
    expect(await problemsOf({ folder: { path: join(api.folder, 'nowhere') } })).toEqual([
      'NOT_FOUND source folder path',
    ]);
    expect(await problemsOf({ folder: { path: '/' } })).toEqual(['ACCESS_DENIED source folder path']);
    expect(await problemsOf({ folder: { path: 'here' } })).toEqual(['INVALID_VALUE source folder path']);
    expect(await problemsOf({ hub: { repository: '../x' } })).toEqual(['INVALID_VALUE source hub repository']);
    expect(await problemsOf({ hub: { repository: 'acme/none' } })).toEqual(['NOT_FOUND source hub repository']);
    const none = globalId('BaseModel', '00000000-0000-4000-8000-000000000000');
    expect(await problemsOf({ hub: { repository } }, { adapterBaseModelId: none, licence: 'x'.repeat(201) })).toEqual([
      'TOO_LONG licence',
      'NOT_FOUND adapterBaseModelId',
    ]);
  });

  test('of licence and quota are among them', async () => {
    await api.dataSource.query(`UPDATE projects SET max_storage_bytes = 10, licence_policy = $1`, [
      JSON.stringify({ allow: [], warn: [], deny: ['AGPL-*'], unlisted: 'ALLOW', unknown: 'DENY' }),
    ]);
    const denied = await inspect({ ...inFolder('bert'), licence: 'agpl-3.0' });
    expect(denied).toMatchObject({
      licence: 'agpl-3.0',
      licenceVerdict: { decision: 'DENY', spdxExpression: 'AGPL-3.0-only' },
    });
    expect(denied.problems).toMatchObject([
      { path: [], code: 'QUOTA_EXCEEDED' },
      { path: ['licence'], code: 'LICENCE_DENIED' },
    ]);
    expect((await inspect(inFolder('bert'))).problems).toMatchObject([
      { code: 'QUOTA_EXCEEDED' },
      { path: ['source'], code: 'LICENCE_DENIED' },
    ]);
  });
});

test('arguments beyond their ranges are refused, and who may not import may not look', async () => {
  const ask = (training: string) =>
    api.request(
      `query ($input: InspectBaseModelInput!) { inspectBaseModel(input: $input) {
      ... on BaseModelInspection { trainingMemory(${training}) { batchSize } } } }`,
      { input: inFolder('bert') },
    );
  await expect(ask('batchSize: 0')).rejects.toThrow('`batchSize` must be from 1 to 1024.');
  await expect(ask('maxLength: 9000')).rejects.toThrow('`maxLength` must be from 4 to 8192.');
  await expect(ask('rank: 2000')).rejects.toThrow('`rank` must be from 1 to 1024.');
  const viewer = await insertUser(api.dataSource, 'viewer', { roles: { [api.projectId]: 'VIEWER' } });
  const { secret } = await insertKey(api.dataSource, viewer);
  const { body } = await api.send<{ inspectBaseModel: object }>(
    `query ($input: InspectBaseModelInput!) { inspectBaseModel(input: $input) { __typename ... on Problems { problems { code } } } }`,
    { input: inFolder('bert') },
    secret,
  );
  expect(JSON.stringify(body)).toContain('FORBIDDEN');
});
