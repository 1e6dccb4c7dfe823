import { expect, test } from 'vitest';
import { keptDays, sweepGenerations } from '../../../src/generations/sweep-generations.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertUser } from '../../support/access.js';
import { startTestApi } from '../../support/api.js';
import { insertGeneration } from '../../support/generations.js';
import { insertBaseModel, tinyLlama } from '../../support/rows.js';

test('a generation is kept for some days after its end, and goes with its log', async () => {
  await using api = await startTestApi();
  const { dataSource, projectId } = api;
  const model = await insertBaseModel(dataSource, projectId, { name: 'llama', manifest: tinyLlama });
  const [old, young] = [
    await insertGeneration(dataSource, projectId, model),
    await insertGeneration(dataSource, projectId, model),
  ];
  const age = `UPDATE generations SET finished_at = now() - make_interval(days => $2, hours => $3) WHERE id = $1`;
  await dataSource.query(age, [old, keptDays, 1]);
  await dataSource.query(age, [young, keptDays, -1]);
  expect(await sweepGenerations(dataSource)).toBe(1);
  expect(await dataSource.query('SELECT id FROM generations')).toEqual([{ id: young }]);
  expect(await dataSource.query('SELECT DISTINCT generation_id AS id FROM generation_events')).toEqual([{ id: young }]);
  // What somebody asked a model goes with what says who they are.
  const user = await insertUser(dataSource, 'asked', { roles: { [projectId]: 'VIEWER' } });
  const asked = await insertGeneration(dataSource, projectId, model);
  await dataSource.query('UPDATE generations SET created_by = $2 WHERE id = $1', [asked, user]);
  await api.request(`mutation ($id: ID!) { deleteUser(input: { userId: $id }) { __typename } }`, {
    id: globalId('User', user),
  });
  expect(await dataSource.query('SELECT id FROM generations')).toEqual([{ id: young }]);
  // What a model wrote goes with it.
  await dataSource.query('DELETE FROM base_models WHERE id = $1', [model]);
  expect(await dataSource.query('SELECT id FROM generations')).toEqual([]);
});
