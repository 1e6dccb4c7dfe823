import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertExperiments, insertPlace, insertUser } from '../../support/listed-rows.js';
import { ids, insertBaseModel, insertDataset, tinyBert, tinyManifest } from '../../support/rows.js';

let api: TestApi;
let ada: string;
let place: Awaited<ReturnType<typeof insertPlace>>;

beforeAll(async () => {
  api = await startTestApi();
  ada = await insertUser(api.dataSource, 'Ada');
});
afterAll(() => api?.close());

/** Names of what a project's list shows, and a check that the count agrees. */
async function names(list: 'datasets' | 'baseModels', filter: unknown, orderBy?: unknown): Promise<string[]> {
  const type = list === 'datasets' ? 'Dataset' : 'BaseModel';
  const { project } = await api.request<{ project: { list: { totalCount: number; nodes: { name: string }[] } } }>(
    `query ($filter: ${type}Filter, $orderBy: ${type}Order) {
      project { list: ${list}(filter: $filter, orderBy: $orderBy) { totalCount nodes { name } } } }`,
    { filter, orderBy },
  );
  expect(project.list.totalCount).toBe(project.list.nodes.length);
  return project.list.nodes.map(({ name }) => name);
}

describe('datasets', () => {
  beforeAll(async () => {
    const add = async (name: string, createdAt: string, exampleCount: number, versions = 1): Promise<void> => {
      const { id } = await insertDataset(api.dataSource, api.projectId, {
        name,
        versions,
        splits: { train: exampleCount },
      });
      await api.dataSource.query('UPDATE datasets SET created_at = $2 WHERE id = $1', [id, createdAt]);
      await api.dataSource.query('UPDATE dataset_versions SET created_at = $2 WHERE dataset_id = $1', [id, createdAt]);
    };
    await add('Mails', '2026-01-01T00:00:00Z', 100, 2);
    await add('reviews', '2026-01-02T00:00:00Z', 5000);
    await add('intents', '2026-01-03T00:00:00Z', 100);
    await api.dataSource.query(
      'INSERT INTO datasets (id, project_id, name, created_at) VALUES (gen_random_uuid(), $1, $2, $3)',
      [api.projectId, 'empty', '2026-01-04T00:00:00Z'],
    );
    const set = (name: string, assignments: string, values: unknown[] = []) =>
      api.dataSource.query(`UPDATE datasets SET ${assignments} WHERE name = $1`, [name, ...values]);
    await set('Mails', 'description = $2, created_by = $3', ['Of the SpamAssassin corpus, 50% spam', ada]);
    // Mails: version 2 lost the column of labels, and is the newest of all.
    await api.dataSource.query(
      `UPDATE dataset_versions v SET columns = '[{"name": "body", "type": "TEXT", "labels": null}]', format = 'PARQUET',
         created_at = '2026-02-01T00:00:00Z', example_count = 10
       FROM datasets d WHERE d.id = v.dataset_id AND d.name = 'Mails' AND v.number = 2`,
    );
  });

  test.each([
    ['text', { text: 'SPAMassassin mail' }, ['Mails']],
    ['literal text', { text: '50%' }, ['Mails']],
    ['text that occurs nowhere', { text: 'nowhere' }, []],
    ['label of the newest version', { label: 'spam' }, ['intents', 'reviews']],
    ['column of the newest version', { column: 'body' }, ['Mails']],
    ['column that an older version has', { column: 'text' }, ['intents', 'reviews']],
    ['format', { format: ['PARQUET', 'TSV'] }, ['Mails']],
    ['no format', { format: [] }, []],
    ['examples', { exampleCount: { min: 100 } }, ['intents', 'reviews']],
    ['examples, from and to', { exampleCount: { min: 10, max: 100 } }, ['intents', 'Mails']],
    ['time', { createdAfter: '2026-01-02T00:00:00Z', createdBefore: '2026-01-04T00:00:00Z' }, ['intents', 'reviews']],
    ['nothing', {}, ['empty', 'intents', 'reviews', 'Mails']],
  ])('by %s', async (_, filter, expected) => {
    expect(await names('datasets', filter)).toEqual(expected);
  });

  test('by author', async () => {
    expect(await names('datasets', { author: [globalId('User', ada)] })).toEqual(['Mails']);
  });

  test.each([
    ['CREATED', 'ASC', ['Mails', 'reviews', 'intents', 'empty']],
    ['UPDATED', 'DESC', ['Mails', 'intents', 'reviews', 'empty']],
    ['UPDATED', 'ASC', ['reviews', 'intents', 'Mails', 'empty']],
    ['NAME', 'ASC', ['empty', 'intents', 'Mails', 'reviews']],
    ['NAME', 'DESC', ['reviews', 'Mails', 'intents', 'empty']],
    ['EXAMPLE_COUNT', 'DESC', ['reviews', 'intents', 'Mails', 'empty']],
    ['EXAMPLE_COUNT', 'ASC', ['Mails', 'intents', 'reviews', 'empty']],
  ])('sorted by %s %s', async (field, direction, expected) => {
    expect(await names('datasets', null, { field, direction })).toEqual(expected);
  });
});

describe('base models', () => {
  beforeAll(async () => {
    place = await insertPlace(api, 'models');
    const [{ runId } = { runId: '' }] = await insertExperiments(api.dataSource, place, [
      { name: 'training', metrics: { 'validation/f1': 0.9 } },
    ]);
    const insert = async (
      name: string,
      createdAt: string,
      source: string,
      options: Omit<Parameters<typeof insertBaseModel>[2], 'name'> = {},
    ): Promise<void> => {
      const id = await insertBaseModel(api.dataSource, api.projectId, { name, ...options });
      await api.dataSource.query('UPDATE base_models SET created_at = $2, source = $3 WHERE id = $1', [
        id,
        createdAt,
        source,
      ]);
    };
    await insert('MiniLM', '2026-01-02T00:00:00Z', 'hub:sentence-transformers/all-MiniLM-L6-v2@1', {
      manifest: tinyBert,
    });
    await insert('local', '2026-01-03T00:00:00Z', 'folder:/models/local', {
      manifest: { ...tinyBert, parameterCount: 3_000_000_000 },
      heads: [
        { kind: 'classification', task: 'intent', labels: ['ask', 'tell'] },
        { kind: 'classification', task: 'tone', labels: ['kind', 'rude'] },
      ],
    });
    await insert('trained', '2026-01-04T00:00:00Z', 'experiment training', {
      producedByRunId: runId,
      heads: [{ kind: 'classification', task: 'label', labels: ['ham', 'spam'] }],
      manifest: {
        ...tinyManifest,
        parameterCount: 1001,
        adapter: {
          config: { rank: 8, alpha: 16, rankStabilized: false, dropout: 0, targetModules: ['query'] },
          weights: { digest: 'a'.repeat(64), sizeBytes: 1 },
        },
      },
    });
    await api.dataSource.query(
      `UPDATE base_models SET created_at = '2026-01-01T00:00:00Z', source = 'npm:tiny@1.0.0' WHERE name = 'model of models'`,
    );
    await api.dataSource.query(`UPDATE base_models SET created_by = $1 WHERE name = 'local'`, [ada]);
  });

  const [bundled, hub, folder, trained] = ['model of models', 'MiniLM', 'local', 'trained'];
  test.each([
    ['text of the name', { text: 'minilm' }, [hub]],
    ['text of the source', { text: '/MODELS/' }, [folder]],
    ['family', { architecture: ['BERT', 'ROBERTA'] }, [folder, hub]],
    ['origin', { origin: ['HUB', 'BUNDLED'] }, [hub, bundled]],
    ['origin of a folder', { origin: ['FOLDER'] }, [folder]],
    ['origin of an experiment', { origin: ['EXPERIMENT'] }, [trained]],
    ['label', { label: 'spam' }, [trained]],
    ['task', { task: 'tone' }, [folder]],
    ['label of a task', { task: 'tone', label: 'rude' }, [folder]],
    ['label of another task', { task: 'intent', label: 'rude' }, []],
    ['adapters', { adapter: true }, [trained]],
    ['whole models', { adapter: false }, [folder, hub, bundled]],
    ['parameters', { parameterCount: { min: 1001, max: 2_999_999_999 } }, [trained, hub]],
    ['many parameters', { parameterCount: { min: '3000000000' } }, [folder]],
    ['time', { createdAfter: '2026-01-04T00:00:00Z' }, [trained]],
    ['time before', { createdBefore: '2026-01-02T00:00:00Z' }, [bundled]],
  ])('by %s', async (_, filter, expected) => {
    expect(await names('baseModels', filter)).toEqual(expected);
  });

  test('by author, and by what they were trained from', async () => {
    expect(await names('baseModels', { author: [globalId('User', ada)] })).toEqual([folder]);
    const filters = [
      { baseModelId: [ids.baseModel(place.baseModelId)] },
      { datasetId: [ids.dataset(place.datasetId)] },
      { datasetVersionId: [ids.version(place.datasetVersionId)] },
    ];
    for (const filter of filters) expect(await names('baseModels', filter)).toEqual([trained]);
    const f1 = (bounds: Record<string, number>) => ({ metrics: [{ key: 'validation/f1', ...bounds }] });
    expect(await names('baseModels', { method: ['SUPERVISED'], ...f1({ min: 0.9, max: 0.9 }) })).toEqual([trained]);
    expect(await names('baseModels', { method: ['MULTI_TASK'] })).toEqual([]);
    expect(await names('baseModels', f1({ min: 0.91 }))).toEqual([]);
    expect(await names('baseModels', { ...filters[0], datasetId: [] })).toEqual([]);
  });

  test.each([
    ['CREATED', 'ASC', [bundled, hub, folder, trained]],
    ['NAME', 'ASC', [folder, hub, bundled, trained]],
    ['NAME', 'DESC', [trained, bundled, hub, folder]],
    ['PARAMETER_COUNT', 'DESC', [folder, hub, trained, bundled]],
    ['PARAMETER_COUNT', 'ASC', [bundled, trained, hub, folder]],
  ])('sorted by %s %s', async (field, direction, expected) => {
    expect(await names('baseModels', null, { field, direction })).toEqual(expected);
  });

  test.each([
    ['DESC', ['better', trained, 'NaN', folder, hub, bundled]],
    ['ASC', [trained, 'better', 'NaN', folder, hub, bundled]],
  ])('sorted by a metric, %s: numbers, NaN, then those without it', async (direction, expected) => {
    const runs = await insertExperiments(api.dataSource, place, [
      { name: `better ${direction}`, metrics: { 'validation/f1': 0.95 } },
      { name: `NaN ${direction}`, metrics: { 'validation/f1': 'NaN' } },
    ]);
    const added = await Promise.all(
      ['better', 'NaN'].map((name, i) =>
        insertBaseModel(api.dataSource, api.projectId, { name, producedByRunId: runs[i]!.runId }),
      ),
    );
    expect(await names('baseModels', null, { metric: 'validation/f1', direction })).toEqual(expected);
    await api.dataSource.query('DELETE FROM base_models WHERE id = ANY($1)', [added]);
  });
});
