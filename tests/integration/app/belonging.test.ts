import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertEveryKind } from '../../support/every-kind.js';

let api: TestApi;
let everyKind: Awaited<ReturnType<typeof insertEveryKind>>;
beforeAll(async () => {
  api = await startTestApi();
  everyKind = await insertEveryKind(api);
});
afterAll(async () => {
  await api?.close();
});

test.each([
  'Dataset',
  'DatasetVersion',
  'BaseModel',
  'Experiment',
  'Evaluation',
  'BatchPrediction',
  'ScoredSamples',
  'ModelImport',
  'ModelExport',
  'Webhook',
] as const)('a page that has but the id of a %s finds the project, and what the viewer may do there', async (type) => {
  const query = `query ($id: ID!) { node(id: $id) { ... on ${type} { project { slug viewerRole } } } }`;
  const { node } = await api.request<{ node: unknown }>(query, { id: everyKind[type] });
  expect(node).toEqual({ project: { slug: 'default', viewerRole: 'OWNER' } });
});

test('the viewer finds what is their own: filters take the id of the user', async () => {
  const { viewer } = await api.request<{ viewer: { id: string; user: { id: string; name: string } } }>(
    '{ viewer { id user { id name } } }',
  );
  expect(viewer.user).toEqual({ id: everyKind.User, name: 'owner' });
  const mine =
    'query ($me: ID!) { project { experiments(filter: { author: [$me] }) { nodes { name author { id } } } } }';
  const { project } = await api.request<{ project: { experiments: { nodes: unknown[] } } }>(mine, {
    me: viewer.user.id,
  });
  expect(project.experiments.nodes).toEqual([{ name: 'every kind', author: { id: viewer.user.id } }]);
});
