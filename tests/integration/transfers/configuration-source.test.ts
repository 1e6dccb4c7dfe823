import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel } from '../../support/rows.js';

const document = /* GraphQL */ `
  mutation ($input: ImportBaseModelInput!) {
    importBaseModel(input: $input) {
      __typename
      ... on ModelImport {
        status
        source {
          ... on ConfigurationSource {
            architecture hiddenSize layers attentionHeads keyValueHeads intermediateSize contextLength vocabularySize
            tieEmbeddings seed
          }
        }
      }
      ... on Problems { problems { path code } }
    }
  }
`;

let api: TestApi;
let baseModelId: string;
beforeAll(async () => {
  api = await startTestApi();
  baseModelId = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'tokens' }));
});
afterAll(() => api?.close());

let count = 0;
async function ask(configuration: Record<string, unknown>, changed: Record<string, unknown> = {}) {
  const whole = { architecture: 'LLAMA', tokenizer: { baseModelId }, hiddenSize: 256, layers: 4, ...configuration };
  const input = { name: `new ${++count}`, source: { configuration: whole }, ...changed };
  return (await api.request<{ importBaseModel: Record<string, unknown> }>(document, { input })).importBaseModel;
}

describe('a base model of a configuration', () => {
  test('is a job of the transfer lane, with defaults for what was left out', async () => {
    expect(await ask({ seed: 4_000_000_000 })).toEqual({
      __typename: 'ModelImport',
      status: 'QUEUED',
      source: {
        architecture: 'LLAMA',
        hiddenSize: 256,
        layers: 4,
        attentionHeads: 4,
        keyValueHeads: 4,
        intermediateSize: 688,
        contextLength: 512,
        vocabularySize: null,
        tieEmbeddings: true,
        seed: 4_000_000_000,
      },
    });
    const [job] = await api.dataSource.query(
      `SELECT j.lane, j.payload -> 'source' AS source, m.digest FROM jobs j JOIN model_imports i ON i.id = j.import_id
         JOIN base_models m ON m.name = 'tokens' WHERE i.name = 'new ${count}'`,
    );
    expect(job.lane).toBe('transfer');
    expect(job.source).toMatchObject({
      kind: 'configuration',
      architecture: 'llama',
      sizes: { rotaryBase: 10_000, normEpsilon: 1e-5, dropout: 0, slidingWindow: null },
      tokenizer: { kind: 'baseModel', digest: job.digest },
      tokens: { begin: null, end: null, pad: null },
      deviation: 0.02,
    });
  });

  test.each([
    ['BERT', 384, { attentionHeads: 6, intermediateSize: 1536, keyValueHeads: null, tieEmbeddings: null }],
    ['GPT2', 100, { attentionHeads: 2, intermediateSize: 400, keyValueHeads: null, tieEmbeddings: true }],
    ['QWEN3', 66, { attentionHeads: 3, intermediateSize: 176, keyValueHeads: 3, tieEmbeddings: true }],
  ])('%s of width %i has its family’s usual sizes', async (architecture, hiddenSize, expected) => {
    expect(await ask({ architecture, hiddenSize })).toMatchObject({ source: expected });
  });

  test.each<[Record<string, unknown>, string[]]>([
    [{ architecture: 'USE_LITE' }, ['architecture']],
    [{ hiddenSize: 0 }, ['hiddenSize']],
    [{ hiddenSize: 2 ** 25 }, ['hiddenSize']],
    [{ hiddenSize: 100, attentionHeads: 3 }, ['attentionHeads']],
    [{ hiddenSize: 63, attentionHeads: 7 }, ['hiddenSize']],
    [{ attentionHeads: 4, keyValueHeads: 3 }, ['keyValueHeads']],
    [{ layers: 1001 }, ['layers']],
    [{ contextLength: 3 }, ['contextLength']],
    [{ vocabularySize: 0 }, ['vocabularySize']],
    [{ intermediateSize: 2 ** 24 }, ['intermediateSize']],
    [{ normEpsilon: 0 }, ['normEpsilon']],
    [{ rotaryBase: -1 }, ['rotaryBase']],
    [{ dropout: 1 }, ['dropout']],
    [{ initializerRange: 0 }, ['initializerRange']],
    [{ endToken: '' }, ['endToken']],
    [{ slidingWindow: 16 }, ['slidingWindow']],
    [{ architecture: 'BERT', tieEmbeddings: false }, ['tieEmbeddings']],
    [{ architecture: 'DISTILBERT', normEpsilon: 1e-5 }, ['normEpsilon']],
    [{ tokenizer: { folder: { path: 'here' } } }, ['tokenizer', 'folder', 'path']],
    [{ tokenizer: { hub: { repository: '../x' } } }, ['tokenizer', 'hub', 'repository']],
  ])('%j is refused', async (configuration, path) => {
    const problems = [{ path: ['source', 'configuration', ...path], code: 'INVALID_VALUE' }];
    expect(await ask(configuration)).toEqual({ __typename: 'Problems', problems });
  });

  test('names all that is wrong at once', async () => {
    const tokenizer = { baseModelId: globalId('BaseModel', randomUUID()) };
    const found = await ask({ tokenizer, layers: 0, dropout: 2 }, { name: '', adapterBaseModelId: baseModelId });
    const problems = found.problems as { path: string[]; code: string }[];
    expect(problems.map(({ path, code }) => `${path.join('.')} ${code}`).sort()).toEqual([
      'adapterBaseModelId INVALID_VALUE',
      'name INVALID_VALUE',
      'source.configuration.dropout INVALID_VALUE',
      'source.configuration.layers INVALID_VALUE',
      'source.configuration.tokenizer.baseModelId NOT_FOUND',
    ]);
  });

  test('repeats the first answer for a repeated key', async () => {
    const name = 'keyed';
    const first = await ask({}, { name, idempotencyKey: 'k' });
    expect(first.__typename).toBe('ModelImport');
    expect(await ask({}, { name, idempotencyKey: 'k' })).toEqual(first);
    expect(await ask({ seed: 1 }, { name, idempotencyKey: 'k' })).toMatchObject({
      problems: [{ code: 'IDEMPOTENCY_KEY_REUSED' }],
    });
  });
});
