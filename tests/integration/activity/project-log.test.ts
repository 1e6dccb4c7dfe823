import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryOf } from '../../../gpu-worker/queue/connection.js';
import type { ProjectEvent, StoredProjectEvent } from '../../../src/activity/project-event.js';
import { readProjectEvents, readProjectLogEnds } from '../../../src/activity/project-event.reads.js';
import { openEvents } from '../../../src/app/open-events.js';
import { changeRunStatus } from '../../../src/protocol/sql/change-status.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { createRunRows, digestOf, manifest, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

const addModel = (query: Query, name: string, projectId = rows.projectId) =>
  query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, $3, $4, $5, 'test')`,
    [randomUUID(), projectId, name, digestOf('model'), JSON.stringify(manifest)],
  );

async function addProject(): Promise<string> {
  const id = randomUUID();
  await rows.query('INSERT INTO projects (id, slug, name) VALUES ($1, $2, $2)', [id, `p-${id.slice(0, 8)}`]);
  return id;
}

const lastSeq = async (projectId = rows.projectId): Promise<number> =>
  (await readProjectLogEnds(rows.query, [projectId]))[0]!.lastSeq;

/** What was logged after `seq`. */
const eventsAfter = async (seq: number, projectId = rows.projectId): Promise<readonly ProjectEvent[]> =>
  (await readProjectEvents(rows.query, projectId, seq, 100)).map(({ event }) => event);

/** A connection of its own in a transaction of its own. */
async function begin(): Promise<{ readonly query: Query; commit(): Promise<void>; rollback(): Promise<void> }> {
  const client = new pg.Client({ connectionString: rows.database.url });
  await client.connect();
  await client.query('BEGIN');
  const end = async (how: string) => {
    try {
      await client.query(how);
    } finally {
      await client.end();
    }
  };
  return { query: queryOf(client), commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') };
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

test('what changes in a project is logged by the transaction that changes it', async () => {
  const before = await lastSeq();
  const runId = await rows.addRun('spam');
  const [run] = await rows.query<{ experimentId: string }>('SELECT experiment_id AS "experimentId" FROM runs');
  const experimentId = run!.experimentId;
  await rows.transaction((query) => changeRunStatus(query, { runId, to: 'PREPARING', reason: null }, null));
  const problem = { path: ['spec'], code: 'OUT_OF_MEMORY', message: 'Too large.', hint: 'Make it smaller.' };
  await rows.transaction((query) => changeRunStatus(query, { runId, to: 'FAILED', reason: 'x', problem }, null));
  await rows.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id)
     VALUES ($1, $2, 'spam filter', $3, $4, 'test', $5)`,
    [randomUUID(), rows.projectId, digestOf('model'), JSON.stringify(manifest), runId],
  );

  expect(await eventsAfter(before)).toEqual([
    { kind: 'experiment.created', experimentId, name: 'spam' },
    {
      kind: 'experiment.status_changed',
      experimentId,
      name: 'spam',
      from: 'QUEUED',
      to: 'PREPARING',
      problem: null,
      modelId: null,
      summary: null,
    },
    {
      kind: 'experiment.status_changed',
      experimentId,
      name: 'spam',
      from: 'PREPARING',
      to: 'FAILED',
      problem: { code: 'OUT_OF_MEMORY', message: 'Too large.' },
      modelId: null,
      summary: null,
    },
    { kind: 'base_model.registered', modelId: expect.any(String), name: 'spam filter', experimentId },
  ]);
});

test('evaluations, batch predictions, imports and exports are logged when they end, dataset versions when they come', async () => {
  const { projectId, baseModelId, datasetVersionId } = rows;
  const [evaluationId, importId, exportId] = [randomUUID(), randomUUID(), randomUUID()];
  const batchPredictionId = randomUUID();
  const before = await lastSeq();
  await rows.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
     VALUES ($1, $2, $3, $4, 'test', 'text', '[]', 'QUEUED')`,
    [evaluationId, projectId, baseModelId, datasetVersionId],
  );
  await rows.query(
    `INSERT INTO model_imports (id, project_id, name, source, status) VALUES ($1, $2, 'bert', '{}', 'QUEUED')`,
    [importId, projectId],
  );
  await rows.query(
    `INSERT INTO model_exports (id, project_id, base_model_id, format, status) VALUES ($1, $2, $3, 'onnx', 'QUEUED')`,
    [exportId, projectId, baseModelId],
  );
  await rows.query(
    `INSERT INTO batch_predictions (id, project_id, base_model_id, text_column, format, columns, file_name, row_count, status)
     VALUES ($1, $2, $3, 'text', 'csv', '[]', 'rows.csv', 7, 'QUEUED')`,
    [batchPredictionId, projectId, baseModelId],
  );
  for (const table of ['evaluations', 'model_imports', 'model_exports', 'batch_predictions']) {
    await rows.query(`UPDATE ${table} SET status = 'RUNNING' WHERE project_id = $1`, [projectId]);
  }
  expect(await lastSeq()).toBe(before);

  await rows.query(`UPDATE evaluations SET status = 'SUCCEEDED' WHERE id = $1`, [evaluationId]);
  const problem = JSON.stringify({ path: [], code: 'HUB_UNAVAILABLE', message: 'Away.', hint: null });
  await rows.query(`UPDATE model_imports SET status = 'FAILED', problem = $2 WHERE id = $1`, [importId, problem]);
  await rows.query(`UPDATE model_exports SET status = 'CANCELED' WHERE id = $1`, [exportId]);
  await rows.query(`UPDATE batch_predictions SET status = 'SUCCEEDED', error_count = 2 WHERE id = $1`, [
    batchPredictionId,
  ]);
  const [version] = await rows.query<{ id: string; datasetId: string }>(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count,
                                   columns, splits, split_plan)
     SELECT $2, dataset_id, 2, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan
       FROM dataset_versions WHERE id = $1 RETURNING id, dataset_id AS "datasetId"`,
    [datasetVersionId, randomUUID()],
  );

  const model = { modelId: baseModelId, modelName: 'base' };
  expect(await eventsAfter(before)).toEqual([
    { kind: 'evaluation.finished', evaluationId, ...model, split: 'test', status: 'SUCCEEDED', problem: null },
    {
      kind: 'model_import.finished',
      importId,
      name: 'bert',
      modelId: null,
      status: 'FAILED',
      problem: { code: 'HUB_UNAVAILABLE', message: 'Away.' },
    },
    { kind: 'model_export.finished', exportId, ...model, format: 'onnx', status: 'CANCELED', problem: null },
    {
      kind: 'batch_prediction.finished',
      batchPredictionId,
      ...model,
      fileName: 'rows.csv',
      rowCount: 7,
      errorCount: 2,
      status: 'SUCCEEDED',
      problem: null,
    },
    {
      kind: 'dataset_version.created',
      datasetVersionId: version!.id,
      datasetId: version!.datasetId,
      datasetName: 'texts',
      number: 2,
    },
  ]);
});

test('preparations, reports, recommendations and exports of datasets are logged when they end', async () => {
  const { projectId, datasetVersionId } = rows;
  const [preparationId, internalId, datasetReportId] = [randomUUID(), randomUUID(), randomUUID()];
  const [recommendationId, datasetExportId] = [randomUUID(), randomUUID()];
  const before = await lastSeq();
  await rows.query(
    `INSERT INTO preparations (id, project_id, target, sources, recipe, status)
     VALUES ($1, $3, '{"kind": "newDataset"}', '[]', '[]', 'QUEUED'), ($2, $3, '{"kind": "rows"}', '[]', '[]', 'QUEUED')`,
    [preparationId, internalId, projectId],
  );
  await rows.query(
    `INSERT INTO dataset_reports (id, project_id, dataset_version_id, compared_with_id, request, status)
     VALUES ($1, $2, $3, $3, '{}', 'QUEUED')`,
    [datasetReportId, projectId, datasetVersionId],
  );
  await rows.query(
    `INSERT INTO model_recommendations (id, project_id, dataset_version_id, request, status)
     VALUES ($1, $2, $3, '{}', 'QUEUED')`,
    [recommendationId, projectId, datasetVersionId],
  );
  await rows.query(
    `INSERT INTO dataset_exports (id, project_id, dataset_version_id, name, request, file_per_split, rows_to_write, status)
     VALUES ($1, $2, $3, 'texts-v1.csv', '{}', false, 10, 'QUEUED')`,
    [datasetExportId, projectId, datasetVersionId],
  );
  const tables = ['preparations', 'dataset_reports', 'model_recommendations', 'dataset_exports'];
  for (const table of tables) {
    await rows.query(`UPDATE ${table} SET status = 'RUNNING' WHERE project_id = $1`, [projectId]);
  }
  expect(await lastSeq()).toBe(before);

  // The version comes after the status: the transaction as a whole is what the event tells of.
  await rows.transaction(async (query) => {
    await query(`UPDATE preparations SET status = 'SUCCEEDED' WHERE project_id = $1`, [projectId]);
    await query('UPDATE preparations SET dataset_version_id = $2 WHERE id = $1', [preparationId, datasetVersionId]);
  });
  const problem = { code: 'OUT_OF_MEMORY', message: 'Too large.' };
  await rows.query(`UPDATE dataset_reports SET status = 'FAILED', problem = $2 WHERE id = $1`, [
    datasetReportId,
    JSON.stringify({ ...problem, path: [], hint: null }),
  ]);
  await rows.query(`UPDATE model_recommendations SET status = 'CANCELED' WHERE id = $1`, [recommendationId]);
  await rows.query(`UPDATE dataset_exports SET status = 'SUCCEEDED' WHERE id = $1`, [datasetExportId]);
  const of = { datasetVersionId, problem: null };
  expect(await eventsAfter(before)).toEqual([
    { kind: 'preparation.finished', preparationId, ...of, status: 'SUCCEEDED' },
    {
      kind: 'dataset_report.finished',
      datasetReportId,
      datasetVersionId,
      comparedWithId: datasetVersionId,
      status: 'FAILED',
      problem,
    },
    { kind: 'model_recommendation.finished', recommendationId, ...of, status: 'CANCELED' },
    { kind: 'dataset_export.finished', datasetExportId, name: 'texts-v1.csv', ...of, status: 'SUCCEEDED' },
  ]);
});

test('members are logged when they join, get another role, or leave', async () => {
  const projectId = await addProject();
  const userId = randomUUID();
  await rows.query(`INSERT INTO users (id, name) VALUES ($1, 'maya')`, [userId]);
  await rows.query(`INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, 'VIEWER')`, [projectId, userId]);
  await rows.query(`UPDATE members SET role = 'VIEWER' WHERE user_id = $1`, [userId]);
  await rows.query(`UPDATE members SET role = 'OWNER' WHERE user_id = $1`, [userId]);
  await rows.query('DELETE FROM members WHERE user_id = $1', [userId]);

  const maya = { kind: 'member.changed', userId, userName: 'maya' };
  expect(await eventsAfter(0, projectId)).toEqual([
    { ...maya, from: null, to: 'VIEWER' },
    { ...maya, from: 'VIEWER', to: 'OWNER' },
    { ...maya, from: 'OWNER', to: null },
  ]);
});

test('what is rolled back is not logged, and leaves no gap', async () => {
  const projectId = await addProject();
  const undone = await begin();
  await addModel(undone.query, 'undone', projectId);
  await undone.rollback();
  await addModel(rows.query, 'done', projectId);

  expect(await readProjectEvents(rows.query, projectId, 0, 10)).toMatchObject([{ seq: 1, event: { name: 'done' } }]);
});

test('an open transaction holds up no other that logs, nor one that waits for a run', async () => {
  const before = await lastSeq();
  const runId = await rows.addRun('contended');
  const [first, second] = [await begin(), await begin()];
  // Each has logged something by now; the first then wants the row that the second has.
  await addModel(first.query, 'first');
  await changeRunStatus(second.query, { runId, to: 'PREPARING', reason: null }, null);
  const waiting = first.query('UPDATE runs SET progress = NULL WHERE id = $1', [runId]);
  await addModel(rows.query, 'third');
  await second.commit();
  await waiting;
  await first.commit();

  const kinds = (await eventsAfter(before)).map((event) => ('name' in event ? event.name : event.kind));
  expect(kinds).toEqual(['contended', 'third', 'contended', 'first']);
});

test('several writers, a reader that reconnects with the last seq it saw: every seq exactly once, in order', async () => {
  const projectId = await addProject();
  const [writers, transactions, perTransaction] = [4, 12, 2];
  const total = writers * transactions * perTransaction;
  const write = async (writer: number): Promise<void> => {
    for (let index = 0; index < transactions; index += 1) {
      await rows.transaction(async (query) => {
        for (let each = 0; each < perTransaction; each += 1)
          await addModel(query, `${writer} ${index} ${each}`, projectId);
        await query('SELECT pg_sleep($1)', [((writer * 7 + index * 3) % 5) / 1_000]);
      });
    }
  };
  const read = async (perConnection: number): Promise<readonly StoredProjectEvent[]> => {
    const seen: StoredProjectEvent[] = [];
    while (seen.length < total) {
      await using events = open();
      const log = events.projectEvents.subscribe(projectId, seen.at(-1)?.seq ?? 0);
      for (let taken = 0; taken < perConnection && seen.length < total; taken += 1) {
        const { value } = await log.next();
        if (value !== undefined) seen.push(value);
      }
      await log.return();
    }
    return seen;
  };
  const readers = [read(5), read(17), read(total)];

  await Promise.all(upTo(writers).map(write));

  for (const seen of await Promise.all(readers)) {
    expect(seen.map(({ seq }) => seq)).toEqual(upTo(total));
    expect(new Set(seen.map(({ event }) => 'name' in event && event.name)).size).toBe(total);
  }
});

test('without a position a subscription begins now; the log of another project stays out of it', async () => {
  const [projectId, other] = [await addProject(), await addProject()];
  await addModel(rows.query, 'before', projectId);
  await using events = open();
  await events.ready;
  const log = events.projectEvents.subscribe(projectId, null);
  const next = log.next();
  // Its beginning is read by its first next(): until then there is no feed.
  while (events.projectEvents.followed === 0) await rows.query('SELECT 1');
  await addModel(rows.query, 'elsewhere', other);
  await addModel(rows.query, 'after', projectId);

  expect((await next).value).toMatchObject({ projectId, seq: 2, event: { name: 'after' } });
});

function open() {
  const events = openEvents({ databaseUrl: rows.database.url, query: rows.query, log: () => undefined });
  return Object.assign(events, { [Symbol.asyncDispose]: () => events.close() });
}
