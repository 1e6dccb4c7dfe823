import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { beginAttempt, createTestExperiment, enter, metrics, record, type TestExperiment } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

interface Sample {
  readonly __typename: string;
  readonly lastSeq?: number;
  readonly experiment?: {
    readonly name: string;
    readonly status: string;
    readonly summary: readonly { readonly value: number }[];
  };
  readonly toStatus?: string;
}

const subscription = /* GraphQL */ `subscription ($kinds: [ProjectEventKind!], $everyMs: Int) {
  projectActivity(kinds: $kinds, progressEveryMs: $everyMs) {
    __typename
    ... on ExperimentProgressed { lastSeq experiment { name status summary(keys: ["train/loss"]) { value } } }
    ... on ExperimentStatusChanged { toStatus }
  }
}`;

function follow(variables: Record<string, unknown>) {
  const events = api.connect().iterate<{ projectActivity: Sample }>({ query: subscription, variables });
  return {
    next: async () => (await events.next()).value?.data?.projectActivity,
    /** The next event that meets a condition. */
    async until(condition: (sample: Sample) => boolean): Promise<Sample> {
      for (;;) {
        const sample = (await events.next()).value?.data?.projectActivity;
        if (sample == null) throw new Error('The feed has ended.');
        if (condition(sample)) return sample;
      }
    },
    end: () => events.return?.(),
  };
}

/** An experiment that a worker has, as far as the database knows. */
async function running(name: string): Promise<TestExperiment> {
  const experiment = await createTestExperiment(api, { name });
  await beginAttempt(api.dataSource, experiment.runId, 1);
  await api.dataSource.query(`UPDATE jobs SET state = 'claimed' WHERE run_id = $1`, [experiment.runId]);
  await enter(api.dataSource, experiment.runId, 'PREPARING', 'TRAINING');
  return experiment;
}

const lossOf = ({ experiment }: Sample): number | undefined => experiment?.summary[0]?.value;

test('one subscription shows all running experiments as they are now, then those that get further', async () => {
  const [first, second] = [await running('first'), await running('second')];
  await createTestExperiment(api, { name: 'waiting' });
  const feed = follow({ kinds: [], everyMs: 250 });
  const names = [(await feed.next())!, (await feed.next())!].map(({ experiment }) => experiment?.name);
  expect(names.sort()).toEqual(['first', 'second']);

  // Whatever comes between two samples is merged into one: the newest values count.
  const lastSeq = await record(
    api.dataSource,
    second.runId,
    Array.from({ length: 50 }, (_, i) => metrics(i + 1, { 'train/loss': 1 / (i + 1) })),
  );
  expect(await feed.next()).toEqual({
    __typename: 'ExperimentProgressed',
    lastSeq,
    experiment: { name: 'second', status: 'TRAINING', summary: [{ value: 0.02 }] },
  });
  await record(api.dataSource, first.runId, [metrics(1, { 'train/loss': 0.5 })]);
  expect(lossOf((await feed.next())!)).toBe(0.5);

  // An experiment that its worker no longer has is shown once more.
  await enter(api.dataSource, first.runId, 'FAILED');
  await api.dataSource.query(`UPDATE jobs SET state = 'failed' WHERE run_id = $1`, [first.runId]);
  const last = await feed.until(({ experiment }) => experiment?.status === 'FAILED');
  expect(last.experiment?.name).toBe('first');
  await feed.end();
});

test('samples come beside the events of the log, and only on request', async () => {
  const { runId } = await running('beside');
  const [both, logged] = [follow({ kinds: ['EXPERIMENT_STATUS_CHANGED'], everyMs: 250 }), follow({ everyMs: null })];
  await both.until(({ experiment }) => experiment?.name === 'beside');
  const fromLog = logged.next();
  await enter(api.dataSource, runId, 'EVALUATING');
  expect(await both.until(({ toStatus }) => toStatus !== undefined)).toMatchObject({ toStatus: 'EVALUATING' });
  expect(await fromLog).toEqual({ __typename: 'ExperimentStatusChanged', toStatus: 'EVALUATING' });
  await both.end();
  await logged.end();
});

test.each([249, 60_001])('a sample every %d ms is refused', async (everyMs) => {
  const { value } = await api.connect().iterate({ query: subscription, variables: { everyMs } }).next();
  expect(value.errors).toEqual([
    expect.objectContaining({
      message: '`progressEveryMs` must be from 250 to 60000.',
      extensions: { code: 'BAD_USER_INPUT' },
    }),
  ]);
});
