import { setTimeout as delay } from 'node:timers/promises';
import { globalId } from '../../../src/graphql/global-id.js';
import { withClient } from '../database.js';
import { attuneSubscription } from '../live/feed.js';
import { startSlowConsumer } from '../live/slow-consumer.js';
import type { Subscription } from '../live/subscribe.js';
import { type Goal, short } from '../result.js';
import { addTrainingRuns, type TrainingRun } from '../rows/training-runs.js';
import { startAttune } from '../start-attune.js';
import { type LiveTools, liveProject, withLiveTools } from './live-database.js';
import { type Bench, sized, type Work } from './work.js';

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;
/** What a consumer that stands still may cost the server. */
const mostGrowthBytes = 64 * mebibyte;
/** How long memory is looked at once all is open. */
const watchedSeconds = 5;
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
            `a consumer that stands still through ${slow.events.toLocaleString('en')} events`,
            short(slow.before / mebibyte),
            short(slow.after / mebibyte),
            '',
          ],
        ],
        goals: [
          within(`${count} idle connections within 1 GiB`, alone.after),
          within(`${count} idle subscriptions within 1 GiB`, subscribed.after),
          {
            text: 'a slow consumer costs less than 64 MiB, and resumes by seq with nothing lost',
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
    const after = await mostResident(server, watchedSeconds);
    const { closed } = await subscribers.collect(0, 0);
    if (closed > 0) throw new Error(`The server closed ${closed} of ${sockets} connections.`);
    return { before, after };
  } finally {
    await subscribers.close();
    await server.stop();
  }
}

async function mostResident(server: { residentBytes(): number }, seconds: number): Promise<number> {
  let most = 0;
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await delay(100)) {
    most = Math.max(most, server.residentBytes());
  }
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
  const consumer = startSlowConsumer(server.url, after(run!), (error) => {
    lost ??= error;
  });
  const readUntil = async (seq: number): Promise<void> => {
    for (const end = performance.now() + catchUpMs; consumer.lastSeq < seq && lost === null; await delay(20)) {
      if (performance.now() > end) return;
    }
  };
  try {
    await write(1);
    await readUntil(1);
    const before = server.residentBytes();
    consumer.pause();
    const written = sized(bench, 100_000);
    let after = before;
    const writing = write(written).then(() => true);
    while (!(await Promise.race([writing, delay(100).then(() => false)]))) {
      after = Math.max(after, server.residentBytes());
    }
    after = Math.max(after, await mostResident(server, watchedSeconds));
    consumer.resume();
    await readUntil(1 + written);
    if (lost !== null) throw lost;
    const { lastSeq, reconnections } = consumer;
    return { before, after, events: 1 + written, read: lastSeq, reconnections };
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
