import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment, enter, type TestExperiment } from '../../support/runs.js';

let api: TestApi;
let made: TestExperiment[];
beforeAll(async () => {
  api = await startTestApi();
  const baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: 'base' });
  const version = (await insertDataset(api.dataSource, api.projectId, { name: 'mails' })).versionIds[0]!;
  made = [];
  for (const name of ['a', 'b', 'c', 'd', 'old']) {
    made.push(await createTestExperiment(api, { name, baseModel, version }));
  }
});
afterAll(() => api?.close());

async function counts(args: string): Promise<Record<string, number>> {
  const { project } = await api.request<{
    project: { experimentStatusCounts: { status: string; experimentCount: number }[] };
  }>(`{ project { experimentStatusCounts${args} { status experimentCount } } }`);
  return Object.fromEntries(project.experimentStatusCounts.map((each) => [each.status, each.experimentCount]));
}

const positions = async () => {
  const found = made.slice(0, 4).map(async ({ id }) => {
    const { experiment } = await api.request<{ experiment: { queuePosition: number | null } }>(
      'query ($id: ID!) { experiment(id: $id) { queuePosition } }',
      { id },
    );
    return experiment.queuePosition;
  });
  return Promise.all(found);
};

test('those who wait know their place, which priorities change', async () => {
  expect(await positions()).toEqual([1, 2, 3, 4]);
  await api.request(
    'mutation ($id: ID!) { setExperimentPriority(input: { experimentId: $id, priority: 5 }) { __typename } }',
    {
      id: made[2]!.id,
    },
  );
  expect(await positions()).toEqual([2, 3, 1, 4]);
  await api.dataSource.query(`UPDATE jobs SET state = 'claimed' WHERE run_id = $1`, [made[2]!.runId]);
  await enter(api.dataSource, made[2]!.runId, 'PREPARING', 'TRAINING');
  expect(await positions()).toEqual([1, 2, null, 3]);
});

test('a project counts its experiments by status, those without any too, archived ones on request', async () => {
  const none = {
    QUEUED: 0,
    PREPARING: 0,
    TRAINING: 0,
    EVALUATING: 0,
    PAUSED: 0,
    CANCELING: 0,
    SUCCEEDED: 0,
    FAILED: 0,
    CANCELED: 0,
  };
  await api.request('mutation ($id: ID!) { cancelExperiment(input: { experimentId: $id }) { __typename } }', {
    id: made[4]!.id,
  });
  await api.request('mutation ($id: ID!) { archiveExperiment(input: { experimentId: $id }) { __typename } }', {
    id: made[4]!.id,
  });
  expect(await counts('')).toEqual({ ...none, QUEUED: 3, TRAINING: 1 });
  expect(await counts('(includeArchived: true)')).toEqual({ ...none, QUEUED: 3, TRAINING: 1, CANCELED: 1 });
  expect(await counts('(archived: true)')).toEqual({ ...none, CANCELED: 1 });
});
