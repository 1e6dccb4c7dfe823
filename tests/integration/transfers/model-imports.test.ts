import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { globalId } from '../../../src/graphql/global-id.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import type { ImportBaseModelInput } from '../../../src/transfers/model-import.input.js';
import { createModelImportService } from '../../../src/transfers/model-import.service.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, tinyBert } from '../../support/rows.js';

interface Problem {
  path: string[];
  code: string;
  hint: string | null;
}
interface Import {
  __typename: 'ModelImport';
  id: string;
  name: string;
  status: string;
  source: Record<string, string>;
}
type Result = Import | { __typename: 'Problems'; problems: Problem[] };

const fields = 'id name status source { ... on FolderSource { path } ... on HubSource { repository revision } }';
const importModel = /* GraphQL */ `
  mutation Import($input: ImportBaseModelInput!) {
    importBaseModel(input: $input) {
      __typename
      ... on ModelImport { ${fields} }
      ... on Problems { problems { path code hint } }
    }
  }
`;
const cancelImport = /* GraphQL */ `
  mutation Cancel($input: ModelImportActionInput!) {
    cancelModelImport(input: $input) {
      __typename
      ... on ModelImport { ${fields} }
      ... on Problems { problems { path code hint } }
    }
  }
`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

async function ask(input: Record<string, unknown>): Promise<Result> {
  return (await api.request<{ importBaseModel: Result }>(importModel, { input })).importBaseModel;
}

async function asked(input: Record<string, unknown>): Promise<Import> {
  const result = await ask(input);
  if (result.__typename !== 'ModelImport') throw new Error(JSON.stringify(result.problems));
  return result;
}

async function problemsOf(input: Record<string, unknown>): Promise<Problem[]> {
  const before = await rows();
  const result = await ask(input);
  if (result.__typename !== 'Problems') throw new Error('The import was queued.');
  expect(await rows()).toEqual(before);
  return result.problems;
}

async function rows(): Promise<unknown> {
  const [row] = await api.dataSource.query(
    `SELECT (SELECT count(*)::int FROM model_imports) AS imports, (SELECT count(*)::int FROM jobs) AS jobs,
            (SELECT count(*)::int FROM idempotency_keys) AS keys`,
  );
  return row;
}

async function cancel(importId: string): Promise<Result> {
  return (await api.request<{ cancelModelImport: Result }>(cancelImport, { input: { importId } })).cancelModelImport;
}

const folder = { folder: { path: '/models/mini' } };

describe('importBaseModel', () => {
  test('queues one job of the transfer lane, with what was asked for', async () => {
    const found = await asked({ name: ' mini ', source: folder, licence: 'MIT' });
    expect(found).toMatchObject({ name: 'mini', status: 'QUEUED', source: { path: '/models/mini' } });
    const [job] = await api.dataSource.query(
      `SELECT j.lane, j.payload FROM jobs j JOIN model_imports i ON i.id = j.import_id WHERE i.name = 'mini'`,
    );
    expect(job.lane).toBe('transfer');
    expect(job.payload).toMatchObject({
      kind: 'import',
      source: { kind: 'folder', path: '/models/mini' },
      licence: 'MIT',
      adapterBaseDigest: null,
    });
  });

  test('tells the worker of a reward model, which nothing that is made of a configuration is', async () => {
    await asked({ name: 'judge', source: folder, isRewardModel: true });
    const [job] = await api.dataSource.query(
      `SELECT j.payload FROM jobs j JOIN model_imports i ON i.id = j.import_id WHERE i.name = 'judge'`,
    );
    expect(job.payload).toMatchObject({ kind: 'import', isRewardModel: true });
    const configuration = {
      architecture: 'LLAMA',
      hiddenSize: 16,
      layers: 1,
      tokenizer: { folder: { path: '/models/mini' } },
      seed: 1,
    };
    expect(await problemsOf({ name: 'new judge', source: { configuration }, isRewardModel: true })).toMatchObject([
      { path: ['isRewardModel'], code: 'INVALID_VALUE' },
    ]);
  });

  test('takes the main branch of a repository unless another revision is named', async () => {
    const hub = { hub: { repository: 'sentence-transformers/all-MiniLM-L6-v2' } };
    expect((await asked({ name: 'from a hub', source: hub })).source).toEqual({
      repository: 'sentence-transformers/all-MiniLM-L6-v2',
      revision: 'main',
    });
  });

  test('refuses a name that a model has, or an import that is under way', async () => {
    await insertBaseModel(api.dataSource, api.projectId, { name: 'taken' });
    expect(await problemsOf({ name: 'taken', source: folder })).toMatchObject([
      { path: ['name'], code: 'ALREADY_EXISTS' },
    ]);
    const first = await asked({ name: 'under way', source: folder });
    expect(await problemsOf({ name: 'under way', source: folder })).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
    await cancel(first.id);
    expect((await asked({ name: 'under way', source: folder })).status).toBe('QUEUED');
  });

  test('of two calls with one name at the same moment, one is refused', async () => {
    const results = await Promise.all([1, 2].map(() => ask({ name: 'raced for', source: folder })));
    expect(results.map(({ __typename }) => __typename).sort()).toEqual(['ModelImport', 'Problems']);
  });

  test('repeats the first answer for a repeated key, and refuses the key for another input', async () => {
    const input = { name: 'keyed', source: folder, idempotencyKey: 'k1' };
    const first = await asked(input);
    expect((await asked(input)).id).toBe(first.id);
    expect(await problemsOf({ ...input, name: 'keyed otherwise' })).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });

  test('a first call that is done while the same one looks for it gives its result to both', async () => {
    const { dataSource } = api;
    const input = { projectSlug: 'default', name: 'keyed and raced for', source: folder, idempotencyKey: 'k2' };
    const query = poolQuery(dataSource);
    const importBy = (by: Query) =>
      createModelImportService({ dataSource, query: by }).importBaseModel(input as ImportBaseModelInput);
    let first: string | null = null;
    const slow: Query = async <Row>(sql: string, parameters?: readonly unknown[]) => {
      const found = await query<Row>(sql, parameters);
      if (first === null && sql.includes('idempotency_keys')) first = await importBy(query);
      return found;
    };
    expect(await importBy(slow)).toBe(first);
    expect(first).not.toBeNull();
  });

  test.each([
    [{ name: '', source: folder }, ['name']],
    [{ name: 'x'.repeat(201), source: folder }, ['name']],
    [{ name: 'a', source: { folder: { path: 'models/mini' } } }, ['source', 'folder', 'path']],
    [{ name: 'a', source: { folder: { path: '' } } }, ['source', 'folder', 'path']],
    [{ name: 'a', source: { hub: { repository: 'https://hub/owner/name' } } }, ['source', 'hub', 'repository']],
    [{ name: 'a', source: { hub: { repository: '../../etc' } } }, ['source', 'hub', 'repository']],
    [{ name: 'a', source: { hub: { repository: 'a/b', revision: 'x/../y' } } }, ['source', 'hub', 'revision']],
  ])('refuses %j', async (input, path) => {
    expect(await problemsOf(input)).toMatchObject([{ path, code: 'INVALID_VALUE' }]);
  });

  test('names all that is wrong at once', async () => {
    const input = { name: '', licence: 'x'.repeat(201), source: { folder: { path: 'here' } } };
    expect((await problemsOf(input)).map(({ path }) => path[0])).toEqual(['name', 'licence', 'source']);
  });

  test('needs exactly one source', async () => {
    const { body } = await api.send(importModel, {
      input: { name: 'both', source: { ...folder, hub: { repository: 'a/b' } } },
    });
    expect(body.errors?.[0]?.message).toContain('Exactly one key');
  });

  test('takes an adapter for a model of the project, but not on top of another adapter', async () => {
    const base = await insertBaseModel(api.dataSource, api.projectId, { name: 'whole', manifest: tinyBert });
    await asked({ name: 'adapter', source: folder, adapterBaseModelId: ids.baseModel(base) });
    const [job] = await api.dataSource.query(
      `SELECT j.payload ->> 'adapterBaseDigest' = m.digest AS same FROM jobs j
         JOIN model_imports i ON i.id = j.import_id JOIN base_models m ON m.id = i.adapter_base_model_id
        WHERE i.name = 'adapter'`,
    );
    expect(job).toEqual({ same: true });

    const config = { rank: 4, alpha: 8, rankStabilized: false, dropout: 0, targetModules: ['query'] };
    const manifest = { ...tinyBert, adapter: { config, weights: { digest: 'a'.repeat(64), sizeBytes: 1 } } };
    const adapter = await insertBaseModel(api.dataSource, api.projectId, { name: 'adapted', manifest });
    const input = { name: 'on top', source: folder, adapterBaseModelId: ids.baseModel(adapter) };
    expect(await problemsOf(input)).toMatchObject([{ path: ['adapterBaseModelId'], code: 'INVALID_VALUE' }]);
    const unknown = globalId('BaseModel', randomUUID());
    expect(await problemsOf({ ...input, adapterBaseModelId: unknown })).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await problemsOf({ ...input, name: '', adapterBaseModelId: unknown })).toMatchObject([
      { path: ['name'], code: 'INVALID_VALUE' },
      { path: ['adapterBaseModelId'], code: 'NOT_FOUND' },
    ]);
  });

  test('a project that is not there is a problem', async () => {
    expect(await problemsOf({ projectSlug: 'nowhere', name: 'a', source: folder })).toMatchObject([
      { path: ['projectSlug'], code: 'NOT_FOUND' },
    ]);
  });
});

describe('cancelModelImport', () => {
  test('ends one that waits at once; asking twice is fine; its job is never claimed', async () => {
    const { id } = await asked({ name: 'unwanted', source: folder });
    expect(await cancel(id)).toMatchObject({ status: 'CANCELED' });
    expect(await cancel(id)).toMatchObject({ status: 'CANCELED' });
    const jobs = await api.dataSource.query(
      `SELECT j.state FROM jobs j JOIN model_imports i ON i.id = j.import_id WHERE i.name = 'unwanted'`,
    );
    expect(jobs).toEqual([{ state: 'canceled' }]);
  });

  test('an import that has ended, or is none, is a problem', async () => {
    const { id } = await asked({ name: 'done', source: folder });
    await api.dataSource.query(`UPDATE model_imports SET status = 'SUCCEEDED' WHERE name = 'done'`);
    expect(await cancel(id)).toMatchObject({ problems: [{ path: ['importId'], code: 'CONFLICT' }] });
    const unknown = globalId('ModelImport', randomUUID());
    expect(await cancel(unknown)).toMatchObject({ problems: [{ code: 'NOT_FOUND' }] });
    expect(await cancel(globalId('ModelExport', randomUUID()))).toMatchObject({ problems: [{ code: 'NOT_FOUND' }] });
  });
});
