/**
 * The peer that graphql-ws's recipe gives: its server with `ws`, graphql-js, and a PubSub that every subscription
 * listens to. It reads the same run's events from the same PostgreSQL, once for all subscribers, when notified.
 * Argument: the database's URL.
 */
import { createServer } from 'node:http';
import { createPubSub } from '@graphql-yoga/subscription';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import pg from 'pg';
import { WebSocketServer } from 'ws';

interface Event {
  readonly __typename: 'MetricsRecorded';
  readonly seq: number;
  readonly at: string;
}

const databaseUrl = process.argv[2]!;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const pubSub = createPubSub<{ events: [runId: string, event: Event] }>();
/** Of each run, the last event that was read; and the read that is under way. */
const lastSeqs = new Map<string, number>();
const reads = new Map<string, Promise<void>>();

const schema = buildSchema(`
  type Query { ready: Boolean }
  type Subscription { experimentEvents(runId: ID!): MetricsRecorded! }
  type MetricsRecorded { seq: Int! step: Int! epoch: Float! at: String! samples: [MetricSample!]! }
  type MetricSample { key: String! value: Float }
`);
const field = schema.getSubscriptionType()!.getFields().experimentEvents!;
field.subscribe = (_root, { runId }: { runId: string }) => {
  if (!lastSeqs.has(runId)) lastSeqs.set(runId, 0);
  return pubSub.subscribe('events', runId);
};
field.resolve = (event) => event;

const listener = new pg.Client({ connectionString: databaseUrl });
await listener.connect();
listener.on('notification', ({ payload }) => {
  const runId = payload!.split(':')[0]!;
  if (!lastSeqs.has(runId)) return;
  reads.set(
    runId,
    (reads.get(runId) ?? Promise.resolve()).then(() => publishNew(runId)),
  );
});
await listener.query('LISTEN attune_run_events');

async function publishNew(runId: string): Promise<void> {
  const { rows } = await pool.query(
    'SELECT seq, at, payload FROM run_events WHERE run_id = $1 AND seq > $2 ORDER BY seq',
    [runId, lastSeqs.get(runId)],
  );
  for (const { seq, at, payload } of rows) {
    lastSeqs.set(runId, Number(seq));
    pubSub.publish('events', runId, { ...payload, seq: Number(seq), at: at.toISOString() });
  }
}

const server = createServer((_request, response) => response.writeHead(404).end());
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(`listening http://127.0.0.1:${address.port}/`);
});
