import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment, enter } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const fields = /* GraphQL */ `
  fragment Fields on ProjectEvent {
    __typename
    ... on SequencedProjectEvent { seq }
    ... on ExperimentCreated { name }
    ... on ExperimentStatusChanged { fromStatus toStatus experiment { name status } }
    ... on DatasetVersionCreated { datasetName number version { exampleCount } }
    ... on BaseModelRegistered { name model { name } experiment { name } }
  }
`;

const subscription = /* GraphQL */ `
  subscription ($slug: String! = "default", $afterSeq: Int, $kinds: [ProjectEventKind!]) {
    projectActivity(projectSlug: $slug, afterSeq: $afterSeq, kinds: $kinds) { ...Fields }
  }
  ${fields}
`;

type Event = { __typename: string; seq: number } & Record<string, unknown>;

async function* follow(variables: Record<string, unknown>): AsyncGenerator<Event> {
  const results = api.connect().iterate<{ projectActivity: Event }>({ query: subscription, variables });
  for await (const { data, errors } of results) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    yield data!.projectActivity;
  }
}

async function take(events: AsyncGenerator<Event>, count: number): Promise<Event[]> {
  const taken: Event[] = [];
  while (taken.length < count) taken.push((await events.next()).value);
  return taken;
}

async function lastSeq(): Promise<number> {
  const { project } = await api.request<{ project: { lastEventSeq: number } }>('{ project { lastEventSeq } }');
  return project.lastEventSeq;
}

test('the log reads the same in pages, and live', async () => {
  const before = await lastSeq();
  await insertBaseModel(api.dataSource, api.projectId, { name: 'base' });
  await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  const { runId } = await createTestExperiment(api, { name: 'spam' });
  await enter(api.dataSource, runId, 'PREPARING');

  const experiment = { name: 'spam', status: 'PREPARING' };
  const expected = [
    { __typename: 'BaseModelRegistered', name: 'base', model: { name: 'base' }, experiment: null },
    { __typename: 'DatasetVersionCreated', datasetName: 'mails', number: 1, version: { exampleCount: 100 } },
    {
      __typename: 'BaseModelRegistered',
      name: 'model of spam',
      model: { name: 'model of spam' },
      experiment: null,
    },
    { __typename: 'DatasetVersionCreated', datasetName: 'data of spam', number: 1, version: { exampleCount: 100 } },
    { __typename: 'ExperimentCreated', name: 'spam' },
    { __typename: 'ExperimentStatusChanged', fromStatus: 'QUEUED', toStatus: 'PREPARING', experiment },
  ].map((event, index) => ({ ...event, seq: before + index + 1 }));
  const page = /* GraphQL */ `
    query ($afterSeq: Int!, $first: Int!) {
      project { events(afterSeq: $afterSeq, first: $first) { lastSeq hasMore events { ...Fields } } }
    }
    ${fields}
  `;
  const first = await api.request<{ project: { events: unknown } }>(page, { afterSeq: before, first: 4 });
  expect(first.project.events).toEqual({ lastSeq: before + 4, hasMore: true, events: expected.slice(0, 4) });
  const second = await api.request<{ project: { events: unknown } }>(page, { afterSeq: before + 4, first: 4 });
  expect(second.project.events).toEqual({ lastSeq: before + 6, hasMore: false, events: expected.slice(4) });
  expect(await take(follow({ afterSeq: before }), 6)).toEqual(expected);
});

test('an event comes with its object as it is then, not as it was at the event before', async () => {
  const { runId } = await createTestExperiment(api, { name: 'changing' });
  const events = follow({ afterSeq: await lastSeq(), kinds: ['EXPERIMENT_STATUS_CHANGED'] });
  for (const to of ['PREPARING', 'TRAINING', 'CANCELED'] as const) {
    const next = take(events, 1);
    await enter(api.dataSource, runId, to);
    expect(await next).toMatchObject([{ toStatus: to, experiment: { name: 'changing', status: to } }]);
  }
});

test('only the kinds that are asked for, with the seqs they have', async () => {
  const before = await lastSeq();
  await insertBaseModel(api.dataSource, api.projectId, { name: 'skipped' });
  await insertDataset(api.dataSource, api.projectId, { name: 'wanted' });
  const events = await take(follow({ afterSeq: before, kinds: ['DATASET_VERSION_CREATED'] }), 1);
  expect(events).toMatchObject([{ seq: before + 2, datasetName: 'wanted' }]);
});

test('without afterSeq only what happens from now on', async () => {
  await insertBaseModel(api.dataSource, api.projectId, { name: 'past' });
  const first = take(follow({ kinds: ['BASE_MODEL_REGISTERED'] }), 1);
  // Nothing tells a client that its subscription has begun: something happens until it sees it.
  let count = 0;
  let seen: Event[] | null = null;
  first.then((events) => {
    seen = events;
  });
  while (seen === null) {
    count += 1;
    await insertBaseModel(api.dataSource, api.projectId, { name: `now ${count}` });
  }
  expect(seen).toMatchObject([{ name: expect.stringMatching(/^now \d+$/) }]);
});

test('a project that does not exist is NOT_FOUND, a position beyond the log BAD_USER_INPUT', async () => {
  const answer = async (variables: Record<string, unknown>) =>
    (await api.connect().iterate({ query: subscription, variables }).next()).value;
  expect(await answer({ slug: 'nowhere' })).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  const end = await lastSeq();
  expect(await answer({ afterSeq: end + 1 })).toMatchObject({
    errors: [{ message: `\`afterSeq\` must be from 0 to ${end}.`, extensions: { code: 'BAD_USER_INPUT' } }],
  });
});
