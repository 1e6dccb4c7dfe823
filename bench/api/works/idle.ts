import { setTimeout as delay } from 'node:timers/promises';
import { globalId } from '../../../src/graphql/global-id.js';
import { withClient } from '../database.js';
import { attuneSubscription } from '../live/feed.js';
import { type SlowConsumer, startSlowConsumer } from '../live/slow-consumer.js';
import type { Subscription } from '../live/subscribe.js';
import { type Goal, short } from '../result.js';
import { addTrainingRuns, type TrainingRun } from '../rows/training-runs.js';
import { startAttune } from '../start-attune.js';
import { type LiveTools, liveProject, withLiveTools } from './live-database.js';
import { type Bench, sized, type Work } from './work.js';

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;
/** What a consumer that stands still may add to what one that reads costs the server. */
const mostGrowthBytes = 64 * mebibyte;
/** How long memory is looked at once all is open; of a toy, one turn. */
const watched = ({ isToy, seconds }: Bench): Promise<void> => delay(1000 * (isToy ? seconds : 5));
const catchUpMs = 120_000;

export const idle: Work = {
  name: 'idle',
  title: 'connections on one process',
  measure: (bench) =>
    withLiveTools(bench, async (tools) => {
      const [run] = await withClient(tools.databaseUrl, (client) => addTrainingRuns(client, liveProject, 1));
      const sockets = sized(bench, 10_000);
      const alone = await residentWith(bench, tools, sockets, null);
      const subscribed = await residentWith(bench, tools, sockets, attuneSubscription(run!));
      const slow = await measureSlowConsumer(bench, tools);
      const count = sockets.toLocaleString('en');
      return {
        columns: ['what', 'resident before, MiB', 'at most after, MiB', 'KiB each'],
        rows: [
          memoryRow(`${count} connections`, alone, sockets),
          memoryRow(`${count} connections, each with a subscription`, subscribed, sockets),
          [
            `a consumer that reads ${(slow.events / 2).toLocaleString('en')} events and stands still through as many`,
            short(slow.before / mebibyte),
            short(slow.after / mebibyte),
            '',
          ],
        ],
        goals: [
          within(`${count} idle connections within 1 GiB`, alone.after),
          within(`${count} idle subscriptions within 1 GiB`, subscribed.after),
          {
            text: 'a consumer that stands still adds less than 64 MiB to what readers cost, and resumes by seq with nothing lost',
            measured: `${short((slow.after - slow.before) / mebibyte)} MiB, ${slow.read === slow.events ? 'nothing lost' : `${slow.read} of ${slow.events} events`}, connected again ${slow.reconnections} times`,
            met: slow.after - slow.before < mostGrowthBytes && slow.read === slow.events,
          },
        ],
      };
    }),
};

interface Resident {
  readonly before: number;
  readonly after: number;
}

async function residentWith(
  bench: Bench,
  { databaseUrl, subscribers }: LiveTools,
  sockets: number,
  subscription: Subscription,
): Promise<Resident> {
  // The limit of connections counts those of requests, too.
  const env = { ATTUNE_MAX_CONNECTIONS: String(2 * sockets) };
  const server = await startAttune(databaseUrl, bench.databases.home, env);
  try {
    const before = server.residentBytes();
    await subscribers.open(
      server.url,
      Array.from({ length: sockets }, () => subscription),
    );
    const after = await mostWhile(server, watched(bench));
    const { closed } = await subscribers.collect(0, 0);
    if (closed > 0) throw new Error(`The server closed ${closed} of ${sockets} connections.`);
    return { before, after };
  } finally {
    await subscribers.close();
    await server.stop();
  }
}

/** The most memory that the server has until `work` is done. */
async function mostWhile(server: { residentBytes(): number }, work: Promise<unknown>): Promise<number> {
  const done = work.then(() => true);
  let most = 0;
  do most = Math.max(most, server.residentBytes());
  while (!(await Promise.race([done, delay(100).then(() => false)])));
  return most;
}

async function measureSlowConsumer(
  bench: Bench,
  { databaseUrl, writer }: LiveTools,
): Promise<Resident & { readonly events: number; readonly read: number; readonly reconnections: number }> {
  const [run] = await withClient(databaseUrl, (client) => addTrainingRuns(client, liveProject, 1));
  const { home } = bench.databases;
  const server = await startAttune(databaseUrl, home);
  const write = (events: number) =>
    writer.ask({
      databaseUrl,
      artifacts: `${home}/writer-artifacts`,
      runIds: [run!.runId],
      seconds: 0,
      pace: { events },
    });
  let lost: Error | null = null;
  const startConsumer = () =>
    startSlowConsumer(server.url, after(run!), (error) => {
      lost ??= error;
    });
  const readUntil = async (consumer: SlowConsumer, seq: number): Promise<void> => {
    for (const end = performance.now() + catchUpMs; consumer.lastSeq < seq && lost === null; await delay(20)) {
      if (performance.now() > end) return;
    }
  };
  const consumer = startConsumer();
  try {
    const written = sized(bench, 100_000);
    // Who reads costs memory that is not collected yet, as events come and from the table. Standing still adds to that.
    const whileWriting = await mostWhile(server, write(written));
    await readUntil(consumer, written);
    const later = startConsumer();
    const before = Math.max(whileWriting, await mostWhile(server, readUntil(later, written)));
    later.close();
    consumer.pause();
    const standing = await mostWhile(server, write(written));
    const most = Math.max(standing, await mostWhile(server, watched(bench)));
    consumer.resume();
    await readUntil(consumer, 2 * written);
    if (lost !== null) throw lost;
    const { lastSeq, reconnections } = consumer;
    return { before, after: most, events: 2 * written, read: lastSeq, reconnections };
  } finally {
    consumer.close();
    await server.stop();
  }
}

const after =
  ({ experimentId }: TrainingRun) =>
  (afterSeq: number): Subscription => ({
    query:
      'subscription After($id: ID!, $afterSeq: Int!) { experimentEvents(experimentId: $id, afterSeq: $afterSeq) { ... on MetricsRecorded { seq step epoch at samples { key value } } } }',
    variables: { id: globalId('Experiment', experimentId), afterSeq },
  });

function within(text: string, bytes: number): Goal {
  return { text, measured: `${short(bytes / mebibyte)} MiB`, met: bytes < gibibyte };
}

function memoryRow(name: string, { before, after }: Resident, sockets: number): string[] {
  return [name, short(before / mebibyte), short(after / mebibyte), short((after - before) / sockets / 1024)];
}
