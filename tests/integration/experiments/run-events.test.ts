import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryOf } from '../../../gpu-worker/queue/connection.js';
import { type Events, openEvents } from '../../../src/app/open-events.js';
import { createRunEvents } from '../../../src/experiments/run-events.js';
import type { RunEvent, StoredRunEvent } from '../../../src/protocol/run-event.js';
import { appendRunEvents } from '../../../src/protocol/sql/append-events.js';
import { changeRunStatus } from '../../../src/protocol/sql/change-status.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';
import { administer } from '../../support/test-server.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows.close());

const line = (message: string): RunEvent => ({ kind: 'logLine', level: 'INFO', message });
const append = (query: Query, runId: string, messages: readonly string[]) =>
  appendRunEvents(query, runId, messages.map(line), null);

/** The events module as an API process has it; a poll far off, so that what arrives came by notification. */
function openLiveEvents(pollIntervalMs = 60_000): Events {
  return openEvents({ databaseUrl: rows.database.url, query: rows.query, log: () => undefined, pollIntervalMs });
}

async function take(
  events: AsyncGenerator<StoredRunEvent, void, undefined>,
  count: number,
): Promise<readonly StoredRunEvent[]> {
  const taken: StoredRunEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

const messagesOf = (events: readonly StoredRunEvent[]): readonly string[] =>
  events.flatMap(({ event }) => (event.kind === 'logLine' ? [event.message] : []));

const seqsOf = (events: readonly StoredRunEvent[]): readonly number[] => events.map(({ seq }) => seq);

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

test('two writers with delayed commits, a reader that reconnects at random: every seq exactly once, in order', async () => {
  const runId = await rows.addRun();
  const perWriter = 60;
  const total = 1 + 2 * perWriter;
  // A generator of its own makes the run repeatable: mulberry32.
  let state = 42;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const write = async (name: string): Promise<void> => {
    for (let index = 0; index < perWriter; ) {
      const messages = Array.from({ length: Math.min(1 + Math.floor(random() * 4), perWriter - index) }, (_, offset) =>
        [name, index + offset].join(' '),
      );
      await rows.transaction(async (query) => {
        await append(query, runId, messages);
        // Between the UPDATE that takes the seqs and COMMIT: where a sequence would let the other writer overtake.
        await query('SELECT pg_sleep($1)', [random() * 0.02]);
      });
      index += messages.length;
    }
  };
  const read = async (): Promise<readonly StoredRunEvent[]> => {
    const seen: StoredRunEvent[] = [];
    while (seen.length < total) {
      const events = openLiveEvents(200);
      const part = events.runEvents.subscribe(runId, seen.at(-1)?.seq ?? 0);
      seen.push(...(await take(part, Math.min(1 + Math.floor(random() * 20), total - seen.length))));
      await part.return();
      await events.close();
    }
    return seen;
  };
  const steady = openLiveEvents(200);
  const readers = [
    read(),
    read(),
    take(steady.runEvents.subscribe(runId, 0), total),
    take(steady.runEvents.subscribe(runId, 0), total),
  ];

  await Promise.all([write('a'), write('b')]);

  for (const seen of await Promise.all(readers)) {
    expect(seqsOf(seen)).toEqual(upTo(total));
    for (const name of ['a', 'b']) {
      const own = messagesOf(seen).filter((message) => message.startsWith(name));
      expect(own).toEqual(Array.from({ length: perWriter }, (_, index) => `${name} ${index}`));
    }
  }
  await steady.close();
});

test('a late subscriber gets the whole history, then live events by notification', async () => {
  const runId = await rows.addRun();
  await rows.transaction((query) =>
    append(
      query,
      runId,
      Array.from({ length: 1_200 }, (_, index) => `${index}`),
    ),
  );
  const events = openLiveEvents();
  await events.ready;
  const subscription = events.runEvents.subscribe(runId, 0);
  const history = await take(subscription, 1_201);
  const live = take(subscription, 1);

  await rows.transaction((query) => append(query, runId, ['live']));

  expect(seqsOf(history)).toEqual(upTo(1_201));
  expect(messagesOf(await live)).toEqual(['live']);
  await events.close();
});

test('a subscription ends after the event that ends the run, also for one who has seen it', async () => {
  const runId = await rows.addRun();
  await rows.transaction((query) => changeRunStatus(query, { runId, to: 'CANCELED', reason: null }, null));
  const events = openLiveEvents();

  expect(seqsOf(await take(events.runEvents.subscribe(runId, 0), 100))).toEqual([1, 2]);
  expect(await take(events.runEvents.subscribe(runId, 2), 100)).toEqual([]);
  expect(events.runEvents.followed).toBe(0);
  await events.close();
});

test('return() ends a waiting subscription at once and frees the run', async () => {
  const runId = await rows.addRun();
  const events = openLiveEvents();
  const subscription = events.runEvents.subscribe(runId, 1);
  const waiting = subscription.next();
  const second = events.runEvents.subscribe(runId, 0);
  await take(second, 1);

  await subscription.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(events.runEvents.followed).toBe(1);
  await second.return();
  expect(events.runEvents.followed).toBe(0);
  await events.close();
});

test('an aborted signal and close() end subscriptions', async () => {
  const runId = await rows.addRun();
  const events = openLiveEvents();
  const abort = new AbortController();
  const aborted = events.runEvents.subscribe(runId, 1, abort.signal).next();
  const closed = events.runEvents.subscribe(runId, 1).next();

  abort.abort();
  expect((await aborted).done).toBe(true);
  await events.close();
  expect((await closed).done).toBe(true);
});

test('subscribers of one run share one reader, and one that falls far behind reads on from the table', async () => {
  const runId = await rows.addRun();
  const reads: string[] = [];
  const counting: Query = async (sql, parameters) => {
    if (sql.includes('FROM run_events')) reads.push(sql);
    return rows.query(sql, parameters);
  };
  const events = createRunEvents({ query: counting, pollIntervalMs: 60_000, log: () => undefined });
  const slow = events.subscribe(runId, 0);
  const quick = Array.from({ length: 20 }, () => events.subscribe(runId, 1));
  await take(slow, 1);
  const waiting = quick.map((subscription) => take(subscription, 3_000));
  await Promise.resolve();
  for (let batch = 0; batch < 30; batch += 1) {
    const lastSeq = await rows.transaction((query) =>
      append(
        query,
        runId,
        Array.from({ length: 100 }, (_, index) => `${100 * batch + index}`),
      ),
    );
    events.notified(`${runId}:${lastSeq}`);
  }

  for (const seen of await Promise.all(waiting)) expect(seqsOf(seen)).toEqual(upTo(3_001).slice(1));
  const shared = reads.length;
  // 20 subscribers, at most two reads a batch (one for a notification that comes during another) and the first ones.
  expect(shared).toBeLessThan(2 * 30 + 25);
  expect(seqsOf(await take(slow, 3_000))).toEqual(upTo(3_001).slice(1));
  expect(reads.length).toBeGreaterThan(shared);
  events.close();
});

test('events appended while the LISTEN connection is down arrive after it is back', async () => {
  const runId = await rows.addRun();
  const events = openLiveEvents();
  await events.ready;
  const subscription = events.runEvents.subscribe(runId, 1);
  const live = take(subscription, 2);
  const name = new URL(rows.database.url).pathname.slice(1);
  await administer(
    rows.database.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'attune events'`,
  );
  await rows.transaction((query) => append(query, runId, ['while down']));
  await rows.transaction((query) => append(query, runId, ['and another']));

  expect(messagesOf(await live)).toEqual(['while down', 'and another']);
  await events.close();
});

test('without any notification the poll finds new events', async () => {
  const runId = await rows.addRun();
  const events = createRunEvents({ query: rows.query, pollIntervalMs: 20, log: () => undefined });
  const live = take(events.subscribe(runId, 1), 1);

  await rows.transaction((query) => append(query, runId, ['found']));

  expect(messagesOf(await live)).toEqual(['found']);
  events.close();
});

test('a database that is away is waited for', async () => {
  const runId = await rows.addRun();
  let failures = 0;
  const flaky: Query = async (sql, parameters) => {
    if (failures < 1) {
      failures += 1;
      throw new pg.DatabaseError('the server is starting up', 0, 'error');
    }
    return queryOf(rows.pool)(sql, parameters);
  };
  const events = createRunEvents({ query: flaky, pollIntervalMs: 20, log: () => undefined });

  expect(seqsOf(await take(events.subscribe(runId, 0), 1))).toEqual([1]);
  expect(failures).toBe(1);
  events.close();
});

test('a run that is deleted ends the subscriptions to it, of one that is behind as well', async () => {
  const events = openLiveEvents(50);
  const runId = await rows.addRun();
  await append(rows.query, runId, ['first']);
  const [newest, behind] = [events.runEvents.subscribe(runId, 0), events.runEvents.subscribe(runId, 0)];
  expect(seqsOf(await take(newest, 2))).toEqual([1, 2]);
  expect(seqsOf(await take(behind, 1))).toEqual([1]);
  // More than the API keeps for those who keep up.
  const lines = Array.from({ length: 2_500 }, (_, i) => `line ${i}`);
  await append(rows.query, runId, lines);
  expect(await take(newest, lines.length)).toHaveLength(lines.length);
  for (const table of ['jobs', 'run_events']) await rows.query(`DELETE FROM ${table} WHERE run_id = $1`, [runId]);
  await rows.query('DELETE FROM runs WHERE id = $1', [runId]);
  expect(await newest.next()).toEqual({ done: true, value: undefined });
  // What it had read, and then the end.
  expect(seqsOf(await take(behind, 10))).toEqual([2]);
  expect(events.runEvents.followed).toBe(0);
  await events.close();
});
