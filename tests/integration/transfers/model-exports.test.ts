import { createHash, randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { readZip } from '../../support/models.js';
import { ids, insertBaseModel, tinyBert } from '../../support/rows.js';

interface Export {
  __typename: 'ModelExport';
  id: string;
  format: string;
  status: string;
  files: { name: string; sizeBytes: number; sha256: string; url: string }[];
  archiveUrl: string | null;
}
type Result = Export | { __typename: 'Problems'; problems: { path: string[]; code: string; hint: string }[] };

const fields = 'id format status archiveUrl files { name sizeBytes sha256 url }';
const mutation = /* GraphQL */ `
  mutation Export($input: ExportModelInput!) {
    exportModel(input: $input) {
      __typename
      ... on ModelExport { ${fields} }
      ... on Problems { problems { path code hint } }
    }
  }
`;
const config = { rank: 4, alpha: 8, rankStabilized: false, dropout: 0, targetModules: ['query'] };
const llama = {
  architecture: 'llama',
  vocabularySize: 8,
  hiddenSize: 4,
  intermediateSize: 8,
  attentionHeads: 2,
  layers: 1,
  maxPositions: 16,
  attentionDropout: 0,
  classifierDropout: 0,
  padTokenId: null,
  tiesEmbeddings: true,
  keyValueHeads: 1,
  headSize: 2,
  normEpsilon: 1e-5,
  rotaryBase: 10_000,
  rotaryScaling: { kind: 'none' },
  slidingWindow: null,
  attentionBias: false,
  feedForwardBias: false,
} as const;
const weights = { digest: 'a'.repeat(64), sizeBytes: 1 };

let api: TestApi;
let [whole, adapted, useLite, language] = ['', '', '', ''];
beforeAll(async () => {
  api = await startTestApi();
  const add = async (name: string, manifest = tinyBert) =>
    ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, manifest }));
  whole = await add('whole');
  adapted = await add('adapted', { ...tinyBert, adapter: { config, weights } });
  language = await add('A language model', { ...tinyBert, config: llama });
  useLite = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'use-lite' }));
});
afterAll(() => api?.close());

async function ask(input: Record<string, unknown>): Promise<Result> {
  return (await api.request<{ exportModel: Result }>(mutation, { input })).exportModel;
}

/** An export as a worker leaves it. */
async function exported(contents: Record<string, string>, modelId = whole): Promise<Export> {
  const queued = await ask({ modelId, format: 'HUGGING_FACE' });
  if (queued.__typename !== 'ModelExport') throw new Error('The export was refused.');
  const files = await Promise.all(
    Object.entries(contents).map(async ([name, text]) => ({ name, ...(await api.store.write(Buffer.from(text))) })),
  );
  const id = Buffer.from(queued.id, 'base64').toString().split(':')[1];
  await api.dataSource.query(
    `UPDATE model_exports SET status = 'SUCCEEDED', files = $2, finished_at = now() WHERE id = $1`,
    [id, JSON.stringify(files)],
  );
  const { node } = await api.request<{ node: Export }>(
    `query ($id: ID!) { node(id: $id) { ... on ModelExport { __typename ${fields} } } }`,
    { id: queued.id },
  );
  return node;
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(path, api.url), { method, headers });

describe('exportModel', () => {
  test('queues one job of the transfer lane', async () => {
    expect(await ask({ modelId: whole, format: 'ONNX' })).toMatchObject({
      format: 'ONNX',
      status: 'QUEUED',
      files: [],
      archiveUrl: null,
    });
    const [job] = await api.dataSource.query('SELECT lane, payload FROM jobs');
    const payload = { kind: 'export', format: 'onnx', madeBy: null, requireCertificate: false };
    expect(job).toMatchObject({ lane: 'transfer', payload });
  });

  test('of graphs for JavaScript says which are wanted', async () => {
    const input = { modelId: whole, format: 'TRANSFORMERS_JS', variants: ['FP16', 'INT8'] };
    expect(await ask(input)).toMatchObject({ format: 'TRANSFORMERS_JS', status: 'QUEUED' });
    const [job] = await api.dataSource.query('SELECT payload FROM jobs ORDER BY created_at DESC LIMIT 1');
    expect(job.payload).toMatchObject({ format: 'transformersJs', variants: ['float16', 'int8'] });
  });

  test.each([
    [() => ({ modelId: whole, format: 'PEFT' }), 'format', 'NO_ADAPTER'],
    [() => ({ modelId: useLite, format: 'HUGGING_FACE' }), 'format', 'UNSUPPORTED_EXPORT'],
    [() => ({ modelId: useLite, format: 'TRANSFORMERS_JS' }), 'format', 'UNSUPPORTED_EXPORT'],
    [() => ({ modelId: whole, format: 'ONNX', variants: ['FP16'] }), 'variants', 'INVALID_VALUE'],
    [() => ({ modelId: whole, format: 'TRANSFORMERS_JS', variants: [] }), 'variants', 'INVALID_VALUE'],
    [() => ({ modelId: whole, format: 'GGUF' }), 'format', 'UNSUPPORTED_EXPORT'],
    [() => ({ modelId: useLite, format: 'GGUF' }), 'format', 'UNSUPPORTED_EXPORT'],
    [() => ({ modelId: language, format: 'ONNX', ggufType: 'F16' }), 'ggufType', 'INVALID_VALUE'],
    [() => ({ modelId: globalId('BaseModel', randomUUID()), format: 'ONNX' }), 'modelId', 'NOT_FOUND'],
    [() => ({ modelId: globalId('Experiment', randomUUID()), format: 'ONNX' }), 'modelId', 'NOT_FOUND'],
  ])('refuses what can not be written: %#', async (input, path, code) => {
    expect(await ask(input())).toMatchObject({ problems: [{ path: [path], code }] });
  });

  test.each([
    ['Q8_0', 'Q8_0'],
    [null, 'F16'],
  ])('a language model for llama.cpp, with its name and its type of numbers: %s', async (ggufType, type) => {
    const queued = await ask({ modelId: language, format: 'GGUF', ggufType });
    expect(queued).toMatchObject({ format: 'GGUF', status: 'QUEUED' });
    const [job] = await api.dataSource.query(
      `SELECT payload FROM jobs WHERE payload ->> 'format' = 'gguf' AND
      payload ->> 'exportId' = $1`,
      [
        Buffer.from((queued as Export).id, 'base64')
          .toString()
          .split(':')[1],
      ],
    );
    expect(job.payload).toMatchObject({ kind: 'export', gguf: { type, modelName: 'A language model' } });
  });

  test('a model with an adapter can be exported as one', async () => {
    expect(await ask({ modelId: adapted, format: 'PEFT' })).toMatchObject({ format: 'PEFT', status: 'QUEUED' });
  });

  test('a repeated key gives the first export', async () => {
    const input = { modelId: whole, format: 'ONNX', idempotencyKey: 'once' };
    const [first, second] = [await ask(input), await ask(input)];
    expect(second).toEqual(first);
    expect(await ask({ ...input, format: 'HUGGING_FACE' })).toMatchObject({
      problems: [{ code: 'IDEMPOTENCY_KEY_REUSED' }],
    });
  });

  test('one that waits is canceled at once', async () => {
    const queued = await ask({ modelId: whole, format: 'ONNX' });
    const { cancelModelExport } = await api.request<{ cancelModelExport: Export }>(
      'mutation ($input: ModelExportActionInput!) { cancelModelExport(input: $input) { ... on ModelExport { status } } }',
      { input: { exportId: (queued as Export).id } },
    );
    expect(cancelModelExport).toEqual({ status: 'CANCELED' });
  });
});

describe('certificates', () => {
  const certificate = {
    kind: 'checked',
    rows: { texts: 'testSplit', datasetDigest: 'c'.repeat(64), split: 'test', rows: [4, 9], tokenCount: 17 },
    checks: [
      {
        file: 'model.onnx',
        precision: 'float32',
        runner: 'onnxRuntime',
        tolerance: 1e-4,
        outputs: [
          { name: 'logits of a', task: 'a', count: 4, largestDifference: 1e-6, answers: { count: 2, same: 1 } },
          { name: 'logits of b', task: 'b', count: 2, largestDifference: 3e-6, answers: null },
        ],
        scores: [{ task: 'a', measure: 'accuracy', trained: 1, exported: 0.5 }],
        base: { largestDifference: 0.2, adapterShare: 0.99 },
      },
    ],
  };
  const fields = /* GraphQL */ `
    certificateMissing
    certificate {
      texts datasetVersionDigest split rows tokenCount
      checks {
        file precision runner tolerance largestDifference sameAnswers differenceFromBase adapterShare
        outputs { name task count largestDifference answerCount sameAnswerCount }
        scores { task measure trained exported }
      }
    }
  `;
  const certified = async (stored: unknown): Promise<unknown> => {
    const { id } = await exported({ 'model.onnx': 'x' });
    const row = Buffer.from(id, 'base64').toString().split(':')[1];
    await api.dataSource.query('UPDATE model_exports SET certificate = $2 WHERE id = $1', [
      row,
      stored === null ? null : JSON.stringify(stored),
    ]);
    const query = `query ($id: ID!) { node(id: $id) { ... on ModelExport { ${fields} } } }`;
    return (await api.request<{ node: unknown }>(query, { id })).node;
  };

  test('tell what was compared, and sum it up', async () => {
    expect(await certified(certificate)).toEqual({
      certificateMissing: null,
      certificate: {
        texts: 'TEST_SPLIT',
        datasetVersionDigest: 'c'.repeat(64),
        split: 'test',
        rows: [4, 9],
        tokenCount: 17,
        checks: [
          {
            file: 'model.onnx',
            precision: 'FLOAT32',
            runner: 'ONNX_RUNTIME',
            tolerance: 1e-4,
            largestDifference: 3e-6,
            sameAnswers: 0.5,
            differenceFromBase: 0.2,
            adapterShare: 0.99,
            outputs: [
              {
                name: 'logits of a',
                task: 'a',
                count: 4,
                largestDifference: 1e-6,
                answerCount: 2,
                sameAnswerCount: 1,
              },
              {
                name: 'logits of b',
                task: 'b',
                count: 2,
                largestDifference: 3e-6,
                answerCount: null,
                sameAnswerCount: null,
              },
            ],
            scores: [{ task: 'a', measure: 'accuracy', trained: 1, exported: 0.5 }],
          },
        ],
      },
    });
  });

  test.each([
    ['OLDER_RELEASE', null],
    ['NOT_ENOUGH_MEMORY', { kind: 'notChecked', reason: 'notEnoughMemory', neededBytes: 2, availableBytes: 1 }],
  ])('%s: there is none', async (certificateMissing, stored) => {
    expect(await certified(stored)).toEqual({ certificateMissing, certificate: null });
  });

  test('one that is required is asked of the worker', async () => {
    await ask({ modelId: whole, format: 'ONNX', requireCertificate: true });
    const [job] = await api.dataSource.query('SELECT payload FROM jobs ORDER BY created_at DESC LIMIT 1');
    expect(job.payload).toMatchObject({ requireCertificate: true });
  });
});

describe('downloads', () => {
  const contents = {
    'config.json': '{"model_type":"bert"}',
    '1_Pooling/config.json': '{}',
    'Übung 1.txt': 'zehn Zeichen',
  };

  test('a file comes whole, with its digest as ETag and its name', async () => {
    const { files } = await exported(contents);
    expect(files.map(({ name }) => name)).toEqual(Object.keys(contents));
    for (const { name, sha256, sizeBytes, url } of files) {
      const response = await get(url);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect({ status: response.status, length: bytes.length }).toEqual({ status: 200, length: sizeBytes });
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(response.headers.get('etag')).toBe(`"${sha256}"`);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
      expect(response.headers.get('x-content-type-options'), name).toBe('nosniff');
      expect(response.headers.get('cache-control')).toMatch(/^private,/);
    }
  });

  test('a download goes on where it broke off; what is there already is not sent again', async () => {
    const { files } = await exported(contents);
    const { url, sha256, sizeBytes } = files[0]!;
    const rest = await get(url, { range: 'bytes=5-', 'if-range': `"${sha256}"` });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 5-${sizeBytes - 1}/${sizeBytes}`);
    expect(await rest.text()).toBe(contents['config.json'].slice(5));
    // Not by fetch, which adds `cache-control: no-cache`.
    await request(api.url).get(url).set('if-none-match', `"${sha256}"`).expect(304);
    expect((await get(url, { range: `bytes=${sizeBytes}-` })).status).toBe(416);
    const head = await get(url, {}, 'HEAD');
    expect(head.headers.get('content-length')).toBe(String(sizeBytes));
  });

  test('all files come in one archive, whose size is said beforehand', async () => {
    const { archiveUrl } = await exported(contents);
    const response = await get(archiveUrl!);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(Object.fromEntries([...readZip(bytes)].map(([name, each]) => [name, each.toString()]))).toEqual(contents);
    expect((await get(archiveUrl!, {}, 'HEAD')).headers.get('content-length')).toBe(String(bytes.length));
  });

  test('nothing but what the export lists can be had', async () => {
    const { files, archiveUrl } = await exported(contents);
    const { files: others } = await exported({ 'other.json': '[]' });
    const own = files[0]!.url;
    const foreign = own.replace('config.json', 'other.json');
    const unknownExport = own.replace(/[0-9a-f-]{36}/, randomUUID());
    const beyond = own.replace('config.json', '..%2f..%2f..%2fetc%2fpasswd');
    for (const path of [foreign, unknownExport, beyond, archiveUrl!.replace(/[0-9a-f-]{36}/, 'x')]) {
      const response = await get(path);
      expect(response.status, path).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect((await get(others[0]!.url)).status).toBe(200);
  });

  test('a file that left the store is said to be gone', async () => {
    const { files, archiveUrl } = await exported({ 'gone.json': 'soon gone' });
    await api.store.remove(files[0]!.sha256);
    expect((await get(files[0]!.url)).status).toBe(410);
    expect(await (await get(archiveUrl!)).json()).toMatchObject({ code: 'MISSING_ARTIFACT' });
  });

  test('a link works without a credential, for its file alone; the archive is called after the model', async () => {
    await using guarded = await startTestApi({ host: '0.0.0.0' });
    const model = await insertBaseModel(guarded.dataSource, guarded.projectId, { name: 'Support: intents/v2 ü' });
    const [id, { digest, sizeBytes }] = [randomUUID(), await guarded.store.write(Buffer.from('weights'))];
    await guarded.dataSource.query(
      `INSERT INTO model_exports (id, project_id, base_model_id, format, status, files, finished_at)
       VALUES ($1, $2, $3, 'onnx', 'SUCCEEDED', $4, now())`,
      [id, guarded.projectId, model, JSON.stringify([{ name: 'model.onnx', digest, sizeBytes }])],
    );
    const { node } = await guarded.request<{
      node: { archiveLink: { url: string; expiresAt: string }; files: { url: string; link: { url: string } }[] };
    }>(
      `query ($id: ID!) { node(id: $id) { ... on ModelExport {
         archiveLink(expiresInSeconds: 60) { url expiresAt } files { url link { url } } } } }`,
      { id: globalId('ModelExport', id) },
    );
    const fetched = (path: string) => fetch(new URL(path, guarded.url));
    expect(new Date(node.archiveLink.expiresAt).getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
    const archive = await fetched(node.archiveLink.url);
    expect(archive.status).toBe(200);
    expect(archive.headers.get('content-disposition')).toContain('filename="Support-intents-v2-?-onnx.zip"');
    await archive.body?.cancel();
    const [file] = node.files;
    expect(await (await fetched(file!.link.url)).text()).toBe('weights');
    expect((await fetched(file!.url)).status).toBe(401);
    const ofAnother = `${file!.url}?${node.archiveLink.url.split('?')[1]}`;
    expect(await (await fetched(ofAnother)).json()).toMatchObject({ code: 'LINK_EXPIRED' });
  });

  test('a link lives a minute to a week', async () => {
    const { id } = await exported(contents);
    const query =
      'query ($id: ID!) { node(id: $id) { ... on ModelExport { archiveLink(expiresInSeconds: 5) { url } } } }';
    const { body } = await api.send(query, { id });
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
