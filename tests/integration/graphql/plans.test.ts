import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addProject } from '../../../bench/api/rows/project.js';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { PreparedBurst } from '../../../src/database/prepared-burst.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { sweepPreparations } from '../../../src/datasets/preparation/sweep-preparations.js';
import { sweepUploads } from '../../../src/datasets/upload-sweep.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { pruneEndedRuns } from '../../../src/experiments/prune-ended.js';
import { sweepGenerations } from '../../../src/generations/sweep-generations.js';
import { globalId } from '../../../src/graphql/global-id.js';
import type { RunEvent } from '../../../src/protocol/run-event.js';
import { appendRunEvents } from '../../../src/protocol/sql/append-events.js';
import { sweepDeliveries } from '../../../src/webhooks/sweep-deliveries.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openPool } from '../../support/open-pool.js';
import { insertBaseModel } from '../../support/rows.js';
import { engine } from '../../support/run-rows.js';

/**
 * How PostgreSQL reads for the operations that are asked most: by indexes, never through all rows of a table that
 * grows with projects. The project that is asked about has a tenth of all rows.
 * What counts or adds up a project's rows (experimentStatusCounts, totalCount) has to read them, and is not here.
 */

const experiments = { measured: 800, other: 7_200 } as const;
const evaluations = 2;
/** A table with fewer rows may be read whole: that is a few pages. */
const largeRows = 3_000;

interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  /** Of one loop, on average. */
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly PlanNode[];
}

const project = 'measured';

let api: TestApi;
let large: ReadonlySet<string>;
let experimentId: string;
let runId: string;

beforeAll(async () => {
  api = await startTestApi();
  await insertBaseModel(api.dataSource, api.projectId, { name: 'tiny' });
  const client = new pg.Client({ connectionString: api.databaseUrl });
  await client.connect();
  try {
    for (const [slug, count] of Object.entries(experiments)) {
      await addProject(client, { slug, experiments: count, evaluations });
    }
    await client.query(
      `INSERT INTO run_events (run_id, seq, attempt, kind, payload)
       SELECT runs.id, seq, 1, 'logLine', '{"kind":"logLine","level":"INFO","message":"x"}' FROM runs, generate_series(1, 10) AS seq`,
    );
    await client.query(
      `INSERT INTO metric_blocks (run_id, key, attempt, first_step, at, steps, epochs, values)
       SELECT id, 'train/loss', 1, 64 * block, now(), ARRAY[64 * block], ARRAY[1.0], ARRAY[0.5]
         FROM runs, generate_series(0, 9) AS block`,
    );
    await client.query(
      `INSERT INTO jobs (id, project_id, kind, lane, run_id, payload, state, settled_at)
       SELECT gen_random_uuid(), e.project_id, 'train', 'training', r.id, '{}', 'succeeded', now()
         FROM runs r JOIN experiments e ON e.id = r.experiment_id`,
    );
    await client.query('VACUUM ANALYZE');
    large = await largeTables();
    const found = await client.query(
      `SELECT e.id, r.id AS run FROM runs r JOIN experiments e ON e.id = r.experiment_id JOIN projects p ON p.id = e.project_id
        WHERE p.slug = $1 ORDER BY e.name LIMIT 1`,
      [project],
    );
    experimentId = globalId('Experiment', found.rows[0].id);
    runId = found.rows[0].run;
  } finally {
    await client.end();
  }
}, 240_000);
afterAll(() => api?.close());

async function largeTables(): Promise<ReadonlySet<string>> {
  const rows: { relname: string }[] = await api.dataSource.query(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1`,
    [largeRows],
  );
  return new Set(rows.map(({ relname }) => relname));
}

/** The statements that read something and are sent meanwhile, with their values. */
async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: unknown, ...args: unknown[]) {
    const [statement, values] = args;
    if (typeof statement === 'string') sent.push({ text: statement, values: Array.isArray(values) ? values : [] });
    else if (statement instanceof PreparedBurst) sent.push(...statement.statements);
    else if (isStatement(statement)) sent.push({ text: statement.text, values: statement.values ?? [] });
    return send.apply(this, args);
  } as typeof pg.Client.prototype.query);
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return sent.filter(({ text }) => /^\s*(SELECT|WITH)\b/i.test(text));
}

function isStatement(value: unknown): value is { readonly text: string; readonly values?: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'text' in value;
}

/**
 * The large tables that a statement reads row by row. It is carried out for that, since a plan has parts for what may
 * come, too; a statement that writes is planned only.
 */
async function readWhole({ text, values }: Sent): Promise<string[]> {
  const writes = /\b(INSERT|UPDATE|DELETE)\b(?! OF\b)/.test(text);
  const [row] = await api.dataSource.query(`EXPLAIN (ANALYZE ${!writes}, FORMAT JSON) ${text}`, [...values]);
  return nodesOf(row['QUERY PLAN'][0].Plan)
    .filter((node) => node['Node Type'] === 'Seq Scan' && (writes || rowsRead(node) >= largeRows))
    .flatMap((node) => node['Relation Name'] ?? [])
    .filter((table) => large.has(table));
}

function rowsRead(node: PlanNode): number {
  return (node['Actual Rows']! + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']!;
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

const nested = /* GraphQL */ `query ($project: String!, $filter: ExperimentFilter, $orderBy: ExperimentOrder) {
  project(slug: $project) { experiments(first: 50, filter: $filter, orderBy: $orderBy) { nodes {
    id name tags status createdAt startedAt finishedAt
    baseModel { id name digest source }
    datasetVersion { id number digest exampleCount createdAt }
    summary { definition { key } value step attempt }
    evaluations(first: 3) { nodes { id split status createdAt finishedAt } }
    latestEvaluation { id } model { id name } lastSeq
  } pageInfo { hasNextPage endCursor } } }
}`;
const one = /* GraphQL */ `query ($id: ID!) { experiment(id: $id) {
  id name status baseModel { id } datasetVersion { id } summary { value } evaluations { nodes { id } } model { id }
  attempts { attempt } checkpoints { id } dependents { nodes { kind } }
  events(afterSeq: 0) { events { __typename } }
  metricSeries(keys: ["train/loss"]) { definition { key } points { step value } }
} }`;
const ofProject = (selection: string) => `query ($project: String!) { project(slug: $project) { ${selection} } }`;

test.each<[string, string, () => Record<string, unknown>]>([
  ['a page of experiments with what lies around them', nested, () => ({ project })],
  ['the same of some statuses', nested, () => ({ project, filter: { status: ['TRAINING', 'FAILED'] } })],
  ['the same with tags', nested, () => ({ project, filter: { tags: ['tag-3', 'all'] } })],
  ['the same by name', nested, () => ({ project, orderBy: { field: 'NAME', direction: 'ASC' } })],
  ['the same by a metric', nested, () => ({ project, orderBy: { metric: 'validation/f1' } })],
  ['the same with a word', nested, () => ({ project, filter: { text: 'invoice' } })],
  ['one experiment with its curves and events', one, () => ({ id: experimentId })],
  [
    'evaluations, models and datasets',
    ofProject(`evaluations(first: 20) { nodes { id } } baseModels(first: 20) { nodes { id name } }
      datasets(first: 20) { nodes { id versions(first: 3) { nodes { id } } } }`),
    () => ({ project }),
  ],
  [
    'workers, and what a project uses',
    ofProject('workers { id } usage { storageBytes queuedExperiments feedbackItems } lastEventSeq'),
    () => ({ project }),
  ],
])('%s: no large table is read whole', async (_, query, variables) => {
  await expectIndexes(await statementsOf(() => api.request(query, variables())));
});

test('a worker that claims a job, and one that records metrics, read no large table whole', async () => {
  const pool = openPool(api.databaseUrl, 1);
  try {
    const claiming = { workerId: randomUUID(), lane: 'training', leaseSeconds: 30, engine } as const;
    await expectIndexes(await statementsOf(() => claimJob(pool, claiming)));
    const event: RunEvent = {
      kind: 'metricsRecorded',
      step: 900,
      epoch: 1,
      samples: [{ key: 'train/loss', value: 0.5 }],
    } as const;
    const query = poolQuery(api.dataSource);
    await expectIndexes(await statementsOf(() => appendRunEvents(query, runId, [event], null)));
  } finally {
    await pool.end();
  }
});

test('what is swept at a start, and every hour, reads no large table whole', async () => {
  const { dataSource, store } = api;
  await dataSource.query(
    `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best, pruned_at)
     SELECT gen_random_uuid(), r.id, 1, step, a.digest, ARRAY[a.digest], 1, false, now()
       FROM runs r, generate_series(1, 4) AS step, (SELECT digest FROM artifacts LIMIT 1) AS a`,
  );
  await dataSource.query('ANALYZE checkpoints');
  large = await largeTables();
  expect(large).toContain('checkpoints');
  await expectIndexes(
    await statementsOf(async () => {
      await pruneEndedRuns(dataSource, 14);
      await sweepUploads(dataSource, store);
      await sweepDeliveries(dataSource);
      await sweepGenerations(dataSource);
      await sweepPreparations(dataSource);
      await sweepFiles(dataSource, store);
    }),
  );
});

async function expectIndexes(statements: readonly Sent[]): Promise<void> {
  expect(statements.length).toBeGreaterThan(0);
  const found: { readonly text: string; readonly whole: readonly string[] }[] = [];
  for (const sent of statements) found.push({ text: sent.text, whole: await readWhole(sent) });
  expect(found.filter(({ whole }) => whole.length > 0)).toEqual([]);
}

test('a table that is read whole is seen', async () => {
  expect(large).toContain('experiments');
  expect(await readWhole({ text: 'SELECT notes FROM experiments WHERE notes = $1', values: ['x'] })).toEqual([
    'experiments',
  ]);
});
