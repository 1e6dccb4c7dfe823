import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';

let api: TestApi;
let id: string;
beforeAll(async () => {
  api = await startTestApi();
  const experiment = await createTestExperiment(api, { name: 'events' });
  id = experiment.id;
  await enter(api.dataSource, experiment.runId, 'PREPARING', 'TRAINING');
  await record(
    api.dataSource,
    experiment.runId,
    [1, 2, 3, 4].map((step) => metrics(step, { 'train/loss': step })),
  );
  await record(api.dataSource, experiment.runId, [{ kind: 'logLine', level: 'INFO', message: 'The end.' }]);
});
afterAll(() => api?.close());

interface Range {
  events: { __typename: string; seq: number }[];
  lastSeq: number;
  hasMore: boolean;
}
const page = '{ events { __typename ... on SequencedEvent { seq } } lastSeq hasMore }';

async function range(args: string): Promise<[kinds: string[], seqs: number[], lastSeq: number, hasMore: boolean]> {
  const { experiment } = await api.request<{ experiment: { events: Range } }>(
    `query ($id: ID!) { experiment(id: $id) { events(${args}) ${page} } }`,
    { id },
  );
  const { events, lastSeq, hasMore } = experiment.events;
  return [[...new Set(events.map(({ __typename }) => __typename))], events.map(({ seq }) => seq), lastSeq, hasMore];
}

// Seq 1 to 3 are statuses, 4 to 7 metrics, 8 is the log line.
test('of some kinds', async () => {
  expect(await range('kinds: [METRICS_RECORDED], first: 3')).toEqual([['MetricsRecorded'], [4, 5, 6], 6, true]);
  expect(await range('kinds: [METRICS_RECORDED], afterSeq: 6')).toEqual([['MetricsRecorded'], [7], 7, false]);
  expect(await range('kinds: []')).toEqual([[], [], 0, false]);
});

test('the newest ones, by ascending seq', async () => {
  expect(await range('last: 2')).toEqual([['MetricsRecorded', 'LogLine'], [7, 8], 8, false]);
  expect(await range('last: 2, kinds: [METRICS_RECORDED]')).toEqual([['MetricsRecorded'], [6, 7], 7, false]);
  expect(await range('last: 5, kinds: [METRICS_RECORDED], afterSeq: 5')).toEqual([
    ['MetricsRecorded'],
    [6, 7],
    7,
    false,
  ]);
});

test('the newest events of a project', async () => {
  const { project } = await api.request<{ project: { events: Range } }>(
    '{ project { events(last: 1, kinds: [EXPERIMENT_STATUS_CHANGED]) { events { __typename ... on SequencedProjectEvent { seq } } lastSeq hasMore } lastEventSeq } }',
  );
  expect(project).toEqual({
    events: {
      events: [{ __typename: 'ExperimentStatusChanged', seq: expect.any(Number) }],
      lastSeq: expect.any(Number),
      hasMore: false,
    },
    lastEventSeq: project.events.lastSeq,
  });
});

test('subscriptions refuse an afterSeq beyond the end of the log, of an experiment as of a project', async () => {
  const { project } = await api.request<{ project: { lastEventSeq: number } }>('{ project { lastEventSeq } }');
  const refusalOf = async (field: string) => {
    const { value } = await api
      .connect()
      .iterate({ query: `subscription { ${field} { __typename } }` })
      .next();
    return value.errors;
  };
  const refused = (end: number) => [
    expect.objectContaining({
      message: `\`afterSeq\` must be from 0 to ${end}.`,
      extensions: { code: 'BAD_USER_INPUT' },
    }),
  ];
  expect(await refusalOf(`experimentEvents(experimentId: "${id}", afterSeq: 9)`)).toEqual(refused(8));
  expect(await refusalOf(`experimentEvents(experimentId: "${id}", afterSeq: -1)`)).toEqual(refused(8));
  expect(await refusalOf(`projectActivity(afterSeq: ${project.lastEventSeq + 1})`)).toEqual(
    refused(project.lastEventSeq),
  );
});
