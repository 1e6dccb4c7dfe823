import { IncomingMessage } from 'node:http';
import { queryObjects } from 'node:v8';
import DataLoader from 'dataloader';
import { Location } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openRawSocket, type RawSocket } from '../../support/raw-socket.js';
import { createTestExperiment, enter } from '../../support/runs.js';

const subscribers = 10;

let api: TestApi;
const open: RawSocket[] = [];
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  for (const { socket } of open) socket.terminate();
  await api?.close();
});

/** How many of what an operation needs for itself are in memory, after a garbage collection. A second each. */
const held = () => ({
  loaders: queryObjects(DataLoader, { format: 'count' }),
  placesInDocuments: queryObjects(Location, { format: 'count' }),
  requests: queryObjects(IncomingMessage, { format: 'count' }),
});

const queries = {
  ofTheEventAlone:
    'subscription Run($id: ID!) { experimentEvents(experimentId: $id) { ... on StatusChanged { seq to } } }',
  ofTheMoment:
    'subscription Project { projectActivity(afterSeq: 0) { ... on ExperimentStatusChanged { experiment { id name } } } }',
};

test('idle subscriptions keep no loaders, no documents of their own and no requests', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'followed in silence' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const subscribe = async (query: string, variables: object): Promise<void> => {
    const socket = await openRawSocket(api.url);
    open.push(socket);
    socket.send({ type: 'connection_init' });
    await socket.next('connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: { query, variables } });
    // The first event shows that the subscription has begun.
    await socket.next('next');
  };
  const subscribeToBoth = async (): Promise<void> => {
    await subscribe(queries.ofTheEventAlone, { id });
    await subscribe(queries.ofTheMoment, {});
  };
  await subscribeToBoth();
  const before = held();
  expect(before.placesInDocuments).toBeGreaterThan(0);
  for (let i = 0; i < subscribers; i += 1) await subscribeToBoth();
  const after = held();
  expect(after.loaders - before.loaders).toBeLessThan(subscribers);
  expect(after.placesInDocuments - before.placesInDocuments).toBeLessThan(subscribers);
  expect(after.requests - before.requests).toBeLessThan(subscribers);
}, 180_000);
