import { loadavg } from 'node:os';
import type pg from 'pg';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { type MetricSeriesArgs, metricSeries } from '../../src/experiments/metric-series.reads.js';
import { globalId } from '../../src/graphql/global-id.js';
import { formerSeries } from './former.js';
import { addExperiments, transactionOf, writePoints } from './rows.js';
import type { Scale } from './scale.js';
import { timed } from './timed.js';

/** Milliseconds of each round. */
export interface ReadingTimes {
  readonly name: string;
  /** From sending the GraphQL request to having parsed its answer. */
  readonly http: number[];
  /** Today's statement alone. */
  readonly sql: number[];
  /** The statement of before summaries, in every fourth round. */
  readonly former: number[];
}

interface Reading {
  readonly name: string;
  readonly args: MetricSeriesArgs;
  readonly runIds: readonly string[];
  /** Asks for it over HTTP, and returns how many points each of its series has. */
  ask(): Promise<number[]>;
  readonly pointCounts: readonly number[];
}

interface Series {
  readonly pointCount: number;
}

const one = /* GraphQL */ `query ($id: ID!, $keys: [String!], $maxPoints: Int!) {
  experiment(id: $id) { metricSeries(keys: $keys, maxPoints: $maxPoints) { pointCount truncated lastSeq points { step value nonFinite } } } }`;
const many = /* GraphQL */ `query ($keys: [String!], $maxPoints: Int!) {
  project { experiments(first: 20) { nodes { metricSeries(keys: $keys, maxPoints: $maxPoints) { pointCount points { step value } } } } } }`;
const pageKeys = ['train/gradientNorm', 'train/loss', 'validation/loss'];

/** @returns times, and at each round how many processes wanted a processor */
export async function measureReading(
  client: pg.Client,
  url: string,
  scale: Scale,
): Promise<{ readonly reading: readonly ReadingTimes[]; readonly load: readonly number[] }> {
  const query = queryOf(client);
  const readings = await write(client, url, scale);
  for (const { name, ask, pointCounts } of readings) {
    for (let i = 0; i < scale.warmUpRounds; i += 1) {
      const found = await ask();
      if (found.join() !== pointCounts.join()) throw new Error(`${name}: the series have ${found.join()} points.`);
    }
  }
  const load: number[] = [];
  const reading = readings.map(({ name }): ReadingTimes => ({ name, http: [], sql: [], former: [] }));
  for (let round = 0; round < scale.rounds; round += 1) {
    load.push(loadavg()[0]!);
    for (const [i, { args, runIds, ask }] of readings.entries()) {
      const { http, sql, former } = reading[i]!;
      const parameters = [runIds, args.keys, args.attempt, args.maxPoints, Math.floor(args.maxPoints / 5)];
      http.push(await timed(ask));
      sql.push(await timed(() => metricSeries(query, runIds, args)));
      // It takes seconds, so a quarter of the rounds has to do.
      if (round % 4 === 0) former.push(await timed(() => query(formerSeries, parameters)));
    }
  }
  return { reading, load };
}

/** Writes the series, and says what is asked of them. */
async function write(client: pg.Client, url: string, scale: Scale): Promise<readonly Reading[]> {
  const transaction = transactionOf(client);
  const { longSeriesSteps: long, seriesSteps } = scale;
  const [alone] = await addExperiments(queryOf(client), 1);
  const { experimentId, runId } = alone!;
  await writePoints(transaction, { runId, attempt: 1, key: 'train/loss', from: 1, to: 0.6 * long });
  await writePoints(transaction, { runId, attempt: 2, key: 'train/loss', from: 0.5 * long + 1, to: long });
  const page = await addExperiments(queryOf(client), scale.experiments);
  for (const each of page) {
    for (const key of pageKeys) {
      await writePoints(transaction, { runId: each.runId, attempt: 1, key, from: 1, to: seriesSteps });
    }
  }
  await client.query('VACUUM ANALYZE');

  const id = globalId('Experiment', experimentId);
  const ofLong = [500, 2500, 10_000].map((maxPoints): Reading => {
    const args = { keys: ['train/loss'], maxPoints, attempt: null };
    return {
      name: `${maxPoints.toLocaleString('en')} of ${long.toLocaleString('en')} points`,
      args,
      runIds: [runId],
      async ask() {
        const variables = { id, keys: args.keys, maxPoints };
        const { experiment } = await request<{ experiment: { metricSeries: Series[] } }>(url, one, variables);
        return experiment.metricSeries.map(({ pointCount }) => pointCount);
      },
      pointCounts: [long],
    };
  });
  const args = { keys: pageKeys, maxPoints: 500, attempt: null };
  const ofPage: Reading = {
    name: `500 of ${seriesSteps.toLocaleString('en')} points of 3 metrics of ${scale.experiments} experiments`,
    args,
    runIds: page.map((each) => each.runId),
    async ask() {
      const { project } = await request<{ project: { experiments: { nodes: { metricSeries: Series[] }[] } } }>(
        url,
        many,
        { keys: args.keys, maxPoints: args.maxPoints },
      );
      return project.experiments.nodes.flatMap(({ metricSeries }) => metricSeries.map(({ pointCount }) => pointCount));
    },
    pointCounts: page.flatMap(() => pageKeys.map(() => seriesSteps)),
  };
  return [...ofLong, ofPage];
}

/** @throws Error when the answer has errors */
async function request<Data>(url: string, operation: string, variables: object): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: operation, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}
