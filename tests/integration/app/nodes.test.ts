import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TypeWithId, typesWithId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertEveryKind } from '../../support/every-kind.js';

let api: TestApi;
let known: Record<TypeWithId, string>;
beforeAll(async () => {
  api = await startTestApi();
  known = await insertEveryKind(api);
});
afterAll(() => api?.close());

const read = (id: string) =>
  api.request<{ node: unknown }>('query ($id: ID!) { node(id: $id) { __typename id } }', { id });

test.each(typesWithId.filter((type) => type !== 'Upload'))('a %s is fetched again by its id alone', async (type) => {
  expect(await read(known[type])).toEqual({ node: { __typename: type, id: known[type] } });
});

test('an upload is not: its URL holds a secret that is shown once', async () => {
  expect(await read(known.Upload)).toEqual({ node: null });
});

test.each([
  ['nothing', ''],
  ['no base64', 'ÿ%$'],
  ['another type', Buffer.from('Secret:00000000-0000-4000-8000-000000000001').toString('base64')],
  ['no uuid', Buffer.from('Dataset:1').toString('base64')],
  ['SQL', Buffer.from("Dataset:' OR 1=1 --").toString('base64')],
  ['a property of objects', Buffer.from('__proto__:00000000-0000-4000-8000-000000000001').toString('base64')],
  ['an object that is not there', Buffer.from('Dataset:00000000-0000-4000-8000-00000000dead').toString('base64')],
])('an id of %s is null', async (_, id) => {
  expect(await read(id)).toEqual({ node: null });
});
