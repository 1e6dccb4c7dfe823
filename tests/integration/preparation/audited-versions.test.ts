import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

test('calls that wait for a version are logged with what they make, once, though it was made elsewhere', async () => {
  const { api } = room;
  const uploadId = await room.upload('text,label\na,x\nb,y\n');
  const create = () =>
    api.request<{ createDataset: { id: string; latest: { id: string } } }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
         ... on Dataset { id latest { id } } ... on Problems { problems { path code message } } } }`,
      { input: { name: 'logged', uploadId, idempotencyKey: 'logged' } },
    );
  const { createDataset: dataset } = await create();
  expect(await create()).toEqual({ createDataset: dataset });
  const { resplitDatasetVersion: version } = await api.request<{ resplitDatasetVersion: { id: string } }>(
    `mutation ($input: ResplitDatasetVersionInput!) { resplitDatasetVersion(input: $input) {
       ... on DatasetVersion { id } ... on Problems { problems { path code message } } } }`,
    { input: { datasetVersionId: dataset.latest.id, split: { seed: 3 } } },
  );
  const { project } = await api.request<{ project: { auditLog: { nodes: unknown[] } } }>(
    '{ project { auditLog(first: 10) { nodes { action outcome targetId } } } }',
  );
  expect(project.auditLog.nodes).toEqual([
    { action: 'resplitDatasetVersion', outcome: 'DONE', targetId: version.id },
    { action: 'createDataset', outcome: 'DONE', targetId: dataset.id },
  ]);
});
