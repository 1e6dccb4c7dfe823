import { globalId } from '../../../src/graphql/global-id.js';
import type { Child } from '../child.js';
import { withClient } from '../database.js';
import { percentiles } from '../load/load.js';
import { addTrainingRuns, type TrainingRun } from '../rows/training-runs.js';
import type { ServerProcess } from '../server-process.js';
import type { Bench } from '../works/work.js';
import { sharedNow } from './clock.js';
import type { Subscribers, Subscription } from './subscribe.js';
import type { WriterQuestion, Written } from './write.js';

/** A server that tells subscribers what happens in runs. */
export interface Feed {
  readonly name: string;
  readonly server: ServerProcess;
  subscription(run: TrainingRun): Subscription;
}

const selection = '... on MetricsRecorded { seq step epoch at samples { key value } }';

export const attuneSubscription = ({ experimentId }: TrainingRun): Subscription => ({
  query: `subscription Live($id: ID!) { experimentEvents(experimentId: $id, kinds: [METRICS_RECORDED]) { __typename ${selection} } }`,
  variables: { id: globalId('Experiment', experimentId) },
});

export const peerSubscription = ({ runId }: TrainingRun): Subscription => ({
  query: `subscription Live($id: ID!) { experimentEvents(runId: $id) { __typename ${selection} } }`,
  variables: { id: runId },
});

export interface FeedLoad {
  readonly runs: number;
  readonly subscribersPerRun: number;
  /** Of each run, a second. */
  readonly eventsPerSecond: number;
}

export interface FeedTurn {
  /** Of the messages that all subscribers were to get, those that came in time. */
  readonly share: number;
  readonly perSecond: number;
  /** Milliseconds; a message that did not come counts as infinitely late. */
  readonly p50: number;
  readonly p95: number;
  readonly outOfOrder: number;
  /** Of the server's process, in processors. */
  readonly processors: number;
}

/** How long messages may still come after the last event. */
const lateMs = 2000;
const helloEveryMs = 200;
const mostHellos = 150;

/** One turn with new runs: opens the subscriptions, waits until events come, and measures while events are written. */
export async function measureFeed(
  { databases, seconds }: Pick<Bench, 'databases' | 'seconds'>,
  tools: {
    readonly databaseUrl: string;
    readonly slug: string;
    readonly writer: Child<WriterQuestion, Written>;
    readonly subscribers: Subscribers;
  },
  feed: Feed,
  { runs, subscribersPerRun, eventsPerSecond }: FeedLoad,
): Promise<FeedTurn> {
  const { databaseUrl, slug, writer, subscribers } = tools;
  const added = await withClient(databaseUrl, (client) => addTrainingRuns(client, slug, runs));
  const runIds = added.map(({ runId }) => runId);
  const write = (pace: WriterQuestion['pace']): Promise<Written> =>
    writer.ask({ databaseUrl, artifacts: `${databases.home}/writer-artifacts`, runIds, seconds, pace });
  try {
    const subscriptions = added.flatMap((run) =>
      Array.from({ length: subscribersPerRun }, () => feed.subscription(run)),
    );
    await subscribers.open(feed.server.url, subscriptions);
    // What shows that a subscription runs is its first event.
    let hellos = 0;
    for (; (await subscribers.received()) === 0; hellos += 1) {
      if (hellos === mostHellos) throw new Error(`${feed.name} tells some subscribers nothing.`);
      await write({ events: 1 });
      await new Promise((resolve) => setTimeout(resolve, helloEveryMs));
    }
    await subscribers.begin(hellos);
    const [processorBefore, beganAt] = [feed.server.processorMs(), sharedNow()];
    const written = await write({ perSecond: eventsPerSecond });
    const each = written.events / runs;
    const delivered = await subscribers.collect(each, Math.max(0, 1000 * seconds + lateMs - (sharedNow() - beganAt)));
    const processors = (feed.server.processorMs() - processorBefore) / (sharedNow() - beganAt);
    const wanted = written.events * subscribersPerRun;
    return {
      share: delivered.delivered / wanted,
      perSecond: delivered.delivered / ((delivered.lastAt - written.beganAt) / 1000),
      ...percentiles(delivered.latencies, wanted),
      outOfOrder: delivered.outOfOrder,
      processors,
    };
  } finally {
    await subscribers.close();
  }
}
