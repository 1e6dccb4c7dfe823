import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';

/** Names, tags and notes of datasets and models, changed through the API. */

interface Texts {
  readonly __typename: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly notes?: string;
  readonly problems?: readonly { readonly path: readonly string[]; readonly code: string }[];
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const kinds = [
  {
    kind: 'dataset',
    mutation: 'updateDataset',
    inputType: 'UpdateDatasetInput',
    type: 'Dataset',
    idField: 'datasetId',
    list: 'datasets',
    insert: async (name: string) => ids.dataset((await insertDataset(api.dataSource, api.projectId, { name })).id),
  },
  {
    kind: 'model',
    mutation: 'updateModel',
    inputType: 'UpdateModelInput',
    type: 'BaseModel',
    idField: 'modelId',
    list: 'baseModels',
    insert: async (name: string) => ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name })),
  },
] as const;

describe.each(kinds)('a $kind', ({ kind, mutation, inputType, type, idField, list, insert }) => {
  async function update(id: string, changes: Record<string, unknown>): Promise<Texts> {
    const data = await api.request<Record<string, Texts>>(
      `mutation ($input: ${inputType}!) { ${mutation}(input: $input) {
        __typename
        ... on ${type} { name tags notes }
        ... on Problems { problems { path code } } } }`,
      { input: { [idField]: id, ...changes } },
    );
    return data[mutation]!;
  }

  test('gets what is given, and keeps the rest', async () => {
    const id = await insert(`first ${kind}`);
    expect(await update(id, { tags: [' gold ', 'gold', 'v2'], notes: 'Line 1\n\tLine 2' })).toEqual({
      __typename: type,
      name: `first ${kind}`,
      tags: ['gold', 'v2'],
      notes: 'Line 1\n\tLine 2',
    });
    expect(await update(id, { name: ` second ${kind} `, addTags: ['new'], removeTags: ['v2'] })).toEqual({
      __typename: type,
      name: `second ${kind}`,
      tags: ['gold', 'new'],
      notes: 'Line 1\n\tLine 2',
    });
    expect(await update(id, { name: null, tags: null, notes: null })).toEqual({
      __typename: type,
      name: `second ${kind}`,
      tags: [],
      notes: '',
    });
  });

  test('has the tags of all who add some at once', async () => {
    const id = await insert(`shared ${kind}`);
    const tags = Array.from({ length: 8 }, (_, i) => `tag ${i}`);
    await Promise.all(tags.map((tag) => update(id, { addTags: [tag] })));
    expect((await update(id, {})).tags?.toSorted()).toEqual(tags);
  });

  test('keeps its name where another has the new one, and of two that take one at once, one gets it', async () => {
    const [one, other] = [await insert(`one ${kind}`), await insert(`other ${kind}`)];
    const taken = { __typename: 'Problems', problems: [{ path: ['name'], code: 'ALREADY_EXISTS' }] };
    expect(await update(other, { name: `one ${kind}` })).toEqual(taken);
    expect(await update(other, { name: `other ${kind}` })).toMatchObject({ name: `other ${kind}` });
    const both = await Promise.all([one, other].map((id) => update(id, { name: `wanted ${kind}` })));
    expect(both.map(({ __typename }) => __typename).toSorted()).toEqual([type, 'Problems'].toSorted());
    expect(both).toContainEqual(taken);
  });

  test('is told all that is wrong at once, and nothing is changed', async () => {
    const id = await insert(`strict ${kind}`);
    const { problems } = await update(id, { name: ' ', tags: ['good', ''], addTags: ['\u0007'], notes: '\u0007' });
    expect(problems?.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['name', 'INVALID_VALUE'],
      ['tags.1', 'INVALID_VALUE'],
      ['addTags.0', 'INVALID_VALUE'],
      ['notes', 'INVALID_VALUE'],
    ]);
    expect(await update(id, {})).toMatchObject({ name: `strict ${kind}`, tags: [], notes: '' });
  });

  test('is found by tags, all of them, and by words of its notes', async () => {
    const id = await insert(`tagged ${kind}`);
    await update(id, { tags: ['blue', 'green'], notes: 'From the harbour.' });
    await update(await insert(`half tagged ${kind}`), { tags: ['blue'] });
    const named = async (filter: Record<string, unknown>) => {
      const data = await api.request<{ project: Record<string, { nodes: { name: string }[] }> }>(
        `query ($filter: ${type}Filter) { project { ${list}(filter: $filter) { nodes { name } } } }`,
        { filter },
      );
      return data.project[list]!.nodes.map(({ name }) => name);
    };
    expect(await named({ tags: ['green', 'blue'] })).toEqual([`tagged ${kind}`]);
    expect(await named({ tags: ['blue'] })).toEqual([`half tagged ${kind}`, `tagged ${kind}`]);
    expect(await named({ text: 'harbour' })).toEqual([`tagged ${kind}`]);
  });

  test('that is not there is not found', async () => {
    expect(await update(Buffer.from(`${type}:00000000-0000-4000-8000-00000000dead`).toString('base64'), {})).toEqual({
      __typename: 'Problems',
      problems: [{ path: [idField], code: 'NOT_FOUND' }],
    });
  });
});

test('a description of a dataset is changed, and removed with null', async () => {
  const id = ids.dataset((await insertDataset(api.dataSource, api.projectId, { name: 'described' })).id);
  const described = async (changes: Record<string, unknown>) => {
    const data = await api.request<{ updateDataset: Texts }>(
      `mutation ($input: UpdateDatasetInput!) { updateDataset(input: $input) {
        ... on Dataset { description } ... on Problems { problems { path code } } } }`,
      { input: { datasetId: id, ...changes } },
    );
    return data.updateDataset;
  };
  expect(await described({ description: 'Mails of 2019.' })).toEqual({ description: 'Mails of 2019.' });
  expect(await described({ tags: ['old'] })).toEqual({ description: 'Mails of 2019.' });
  expect(await described({ description: null })).toEqual({ description: null });
  expect(await described({ description: 'x'.repeat(20_001) })).toEqual({
    problems: [{ path: ['description'], code: 'TOO_LONG' }],
  });
});

test('the model that came with the server keeps its name, which the next start looks for; its notes are free', async () => {
  const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'use-lite' });
  await api.dataSource.query(`UPDATE base_models SET source = 'npm:some-package@1' WHERE id = $1`, [model]);
  const update = async (changes: Record<string, unknown>) => {
    const data = await api.request<{ updateModel: Texts }>(
      `mutation ($input: UpdateModelInput!) { updateModel(input: $input) {
        ... on BaseModel { name notes } ... on Problems { problems { path code } } } }`,
      { input: { modelId: ids.baseModel(model), ...changes } },
    );
    return data.updateModel;
  };
  expect(await update({ name: 'mine' })).toEqual({ problems: [{ path: ['name'], code: 'CONFLICT' }] });
  expect(await update({ notes: 'Small.' })).toEqual({ name: 'use-lite', notes: 'Small.' });
});
