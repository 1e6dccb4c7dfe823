/**
 * `npm run bench:metrics`: how fast long series of metrics are read over HTTP, and what writing them costs.
 *
 * Starts the embedded database and the API, without workers, on a temporary folder; writes a series of 1,000,000 points (the later half recorded by a second
 * attempt) and 20 experiments of 3 series of 10,000; and asks for them with a GraphQL client's own requests. The statements of before (former.mjs) run in
 * turns with today's, on one connection. Writes docs/performance-metrics.md.
 *
 *   ATTUNE_BENCH_ROUNDS   rounds of each reading; fewer than 20 are a trial, of which nothing is written. By default 20
 *
 * Takes about four minutes. Nothing else should run on the machine meanwhile.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedServer } from '../../dist/src/database/embedded/server.js';
import { readEnv } from '../../dist/src/env.js';
import { metricSeries } from '../../dist/src/experiments/metric-series.reads.js';
import { globalId } from '../../dist/src/graphql/global-id.js';
import { startPlatform } from '../../dist/src/platform.js';
import { describeMachine } from '../train/machine.mjs';
import { document } from './document.mjs';
import { formerSeries } from './former.mjs';
import { addExperiments, appendBatch, writePoints } from './rows.mjs';

const leastRounds = 20;
const rounds = Number(process.env.ATTUNE_BENCH_ROUNDS ?? leastRounds);
const root = join(import.meta.dirname, '../..');
const home = await mkdtemp(join(tmpdir(), 'attune-bench-metrics-'));
/** Processes that want a processor, at each round of reading. */
const load = [];
const fail = (error) => {
  throw error;
};
const server = await startEmbeddedServer({ home, log: () => undefined, onLost: fail });
const platform = await startPlatform(
  readEnv({ ATTUNE_HOME: home, DATABASE_URL: server.url, ATTUNE_WORKERS: '0', PORT: '0', LOG_LEVEL: 'silent' }),
  {
    logger: pino({ level: 'silent' }),
    workerScript: '',
    workerEnv: {},
    writeWorkerLine: () => undefined,
    onLost: fail,
  },
);
const client = new pg.Client({ connectionString: server.url });
try {
  await client.connect();
  const results = { reading: await measureReading(), writing: await measureWriting() };
  console.log(JSON.stringify(results, null, 2));
  if (rounds >= leastRounds) {
    const [{ version }] = await query("SELECT current_setting('server_version') AS version");
    await writeFile(
      join(root, 'docs/performance-metrics.md'),
      document({
        results,
        rounds,
        load,
        machine: describeMachine(root),
        postgres: version,
        date: new Date().toISOString().slice(0, 10),
      }),
    );
  }
} finally {
  await client.end();
  await platform.close();
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

async function query(sql, parameters = []) {
  return (await client.query(sql, parameters)).rows;
}

async function transaction(work) {
  await client.query('BEGIN');
  await work(query);
  await client.query('COMMIT');
}

/** Milliseconds that `work` takes. */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Sends an operation; the time ends when the answer is parsed. */
async function ask(operation, variables) {
  const response = await fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: operation, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function measureReading() {
  const [long] = await addExperiments(query, 1);
  await writePoints(transaction, { runId: long.runId, attempt: 1, key: 'train/loss', from: 1, to: 600_000 });
  await writePoints(transaction, { runId: long.runId, attempt: 2, key: 'train/loss', from: 500_001, to: 1_000_000 });
  const page = await addExperiments(query, 20);
  for (const { runId } of page) {
    for (const key of ['train/loss', 'train/gradientNorm', 'validation/loss']) {
      await writePoints(transaction, { runId, attempt: 1, key, from: 1, to: 10_000 });
    }
  }
  await client.query('VACUUM ANALYZE');

  const one = /* GraphQL */ `query ($id: ID!, $keys: [String!], $maxPoints: Int!) {
    experiment(id: $id) { metricSeries(keys: $keys, maxPoints: $maxPoints) { pointCount truncated lastSeq points { step value nonFinite } } } }`;
  const many = /* GraphQL */ `query ($keys: [String!], $maxPoints: Int!) {
    project { experiments(first: 20) { nodes { metricSeries(keys: $keys, maxPoints: $maxPoints) { pointCount points { step value } } } } } }`;
  const id = globalId('Experiment', long.experimentId);
  const series = [500, 2500, 10_000].map((maxPoints) => ({
    name: `${maxPoints.toLocaleString('en')} of 1,000,000 points`,
    args: { keys: ['train/loss'], maxPoints, attempt: null },
    runIds: [long.runId],
    ask: () => ask(one, { id, keys: ['train/loss'], maxPoints }),
  }));
  const ofPage = {
    name: '500 of 10,000 points of 3 metrics of 20 experiments',
    args: { keys: ['train/gradientNorm', 'train/loss', 'validation/loss'], maxPoints: 500, attempt: null },
    runIds: page.map(({ runId }) => runId),
  };
  const readings = [...series, { ...ofPage, ask: () => ask(many, { keys: ofPage.args.keys, maxPoints: 500 }) }];
  const measured = readings.map(({ name }) => ({ name, http: [], sql: [], former: [] }));
  for (const { ask } of readings) for (let i = 0; i < 5; i += 1) await ask();
  for (let round = 0; round < rounds; round += 1) {
    load.push(loadavg()[0]);
    for (const [i, { args, runIds, ask }] of readings.entries()) {
      const parameters = [runIds, args.keys, args.attempt, args.maxPoints, Math.floor(args.maxPoints / 5)];
      measured[i].http.push(await timed(ask));
      measured[i].sql.push(await timed(() => metricSeries(query, runIds, args)));
      // It takes seconds, so a quarter of the rounds has to do.
      if (round % 4 === 0) measured[i].former.push(await timed(() => query(formerSeries, parameters)));
    }
  }
  return measured;
}

/** Batches as a worker writes them every 100 ms, durably; with and without summaries in turns, each to a run of its own. */
async function measureWriting() {
  const writings = [
    { name: '10 steps a second: 1 step a batch', steps: 1, batches: 400 },
    { name: '250 steps a second: 25 steps a batch', steps: 25, batches: 200 },
    { name: '5,000 steps a second: 500 steps a batch', steps: 500, batches: 30 },
  ];
  const measured = [];
  for (const { name, steps, batches } of writings) {
    const [present, former] = await addExperiments(query, 2);
    const times = { name, steps, present: [], former: [] };
    for (let batch = 0; batch < batches; batch += 1) {
      const step = 1 + batch * steps;
      const writePresent = async () =>
        times.present.push(
          await timed(() => appendBatch(transaction, { runId: present.runId, step, steps, former: false })),
        );
      const writeFormer = async () =>
        times.former.push(
          await timed(() => appendBatch(transaction, { runId: former.runId, step, steps, former: true })),
        );
      // Who is first gets the other's write-ahead log flushed, or not: in turns.
      for (const write of batch % 2 === 0 ? [writePresent, writeFormer] : [writeFormer, writePresent]) await write();
    }
    measured.push(times);
  }
  return measured;
}
