import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createDeletionService } from '../../../src/deletion/deletion.service.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import {
  createFeedbackExportService,
  type FeedbackExportFormat,
  type FeedbackExportService,
} from '../../../src/feedback/export/feedback-export.service.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FeedbackQuestion } from '../../../src/protocol/feedback.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { addAnswer, addPeople, addTask, bothGood, itemContent, prefers } from '../../support/feedback-rows.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** Raw answers that a worker writes into a file, which is downloaded over HTTP and sent again. */

let room: PreparationRoom;
let query: Query;
let service: FeedbackExportService;
let people: readonly string[];
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, store, projectId } = room.api;
  query = poolQuery(dataSource);
  service = createFeedbackExportService({ dataSource, query, store });
  people = await addPeople(query, projectId, 3);
});
afterAll(() => room[Symbol.asyncDispose]());

const question: FeedbackQuestion = { kind: 'pairwise', strengths: 3 };

/** Two answers, of which one was changed, a gold item, a repetition, a skip with a flag, and a lease that is held. */
async function task(prompt = 'p'): Promise<string> {
  const pair = (prompt: string) => itemContent({ prompt, answers: ['=1+1', 'two, "quoted"\nlines'] });
  const { id, itemIds } = await addTask(query, {
    projectId: room.api.projectId,
    question,
    people,
    items: [
      { content: pair(prompt), answers: [prefers('b', 2), bothGood] },
      { content: pair('known'), answers: [prefers('a', 1)], gold: prefers('a', 1) },
      { content: pair('skipped') },
    ],
  });
  const [itemId, , skipped] = itemIds;
  const repeated = { taskId: id, itemId: itemId!, userId: people[0]!, question, value: prefers('a', 1) };
  await addAnswer(query, { ...repeated, repetition: 1, counts: false });
  const [changed] = await query<{ id: string }>(
    'SELECT id FROM feedback_answers WHERE item_id = $1 AND user_id = $2 AND counts',
    [itemId, people[0]],
  );
  await query(`INSERT INTO feedback_answer_changes (answer_id, number, value, comment) VALUES ($1, 1, $2, 'hm')`, [
    changed!.id,
    JSON.stringify(prefers('a', 3)),
  ]);
  await query(
    `INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity,
       expires_at, skip_reason, flagged_at, flag_reason)
     VALUES ($1, $2, $3, $4, 'SKIPPED', '{a,b}', 1, 'RANDOM', 0.25, now(), 'unclear', now(), 'offensive'),
            ($5, $2, $3, $6, 'CLAIMED', '{a,b}', 1, 'ORDER', 1, now(), NULL, NULL, NULL)`,
    [randomUUID(), id, skipped, people[0], randomUUID(), people[1]],
  );
  return id;
}

interface Ended {
  readonly status: string;
  readonly rowCount: number;
  readonly datasetVersion: null;
  readonly files: readonly { readonly name: string; readonly url: string }[];
}

async function written(
  taskId: string,
  format: FeedbackExportFormat,
  guardFormulas: boolean | null = null,
): Promise<Ended & { readonly bytes: Buffer }> {
  const id = await service.export({ taskId, format, guardFormulas, idempotencyKey: null, input: {} });
  const changes = room.api.connect().iterate<{ datasetExportChanged: Ended }>({
    query: /* GraphQL */ `subscription ($id: ID!) { datasetExportChanged(datasetExportId: $id) {
      status rowCount datasetVersion { id } problem { code message } files { name url } } }`,
    variables: { id: globalId('DatasetExport', id) },
  });
  let last: Ended | null = null;
  for await (const { data } of changes) last = data?.datasetExportChanged ?? last;
  expect(last).toMatchObject({ status: 'SUCCEEDED', datasetVersion: null });
  const response = await fetch(new URL(last!.files[0]!.url, room.api.url));
  return { ...last!, bytes: Buffer.from(await response.arrayBuffer()) };
}

type Row = Record<string, unknown>;
const linesOf = (bytes: Buffer): Row[] =>
  bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

test('a file has all that people did, with the order that they saw, what it was before, and other names', async () => {
  const taskId = await task();
  const { bytes, files, rowCount } = await written(taskId, 'JSONL');
  const rows = linesOf(bytes);
  expect(files[0]!.name).toBe('a-task-answers.jsonl');
  expect(rowCount).toBe(5);
  expect(rows.map(({ position, state, counts, picked }) => [position, state, counts, picked]).sort()).toEqual(
    [
      [1, 'ANSWERED', true, 'ORDER'],
      [1, 'ANSWERED', true, 'ORDER'],
      [1, 'ANSWERED', false, 'REPEAT'],
      [2, 'ANSWERED', false, 'GOLD'],
      [3, 'SKIPPED', null, 'RANDOM'],
    ].sort(),
  );
  const changed = rows.find(({ changes }) => changes !== null)!;
  expect(changed).toMatchObject({
    prompt: 'p',
    messages: null,
    answers: [{ key: 'a', text: '=1+1', model: null }, { key: 'b' }],
    value: prefers('b', 2),
    shown: ['b', 'a'],
    preferredSide: 1,
    seconds: 12.5,
    instructionsVersion: 1,
    late: false,
    propensity: 0.5,
    changes: [{ value: prefers('a', 3), comment: 'hm', until: expect.any(String) }],
  });
  expect(rows.find(({ state }) => state === 'SKIPPED')).toMatchObject({
    value: null,
    skipReason: 'unclear',
    flagReason: 'offensive',
    propensity: 0.25,
  });
  // One person answered first, again, of gold, and skipped; another answered once.
  const names = rows.map(({ person }) => person as string);
  expect(new Set(names).size).toBe(2);
  expect(names.filter((name) => name === changed.person)).toHaveLength(4);
  expect(names.every((name) => /^person-[0-9a-f]{16}$/.test(name))).toBe(true);
  for (const person of people) expect(bytes.includes(person)).toBe(false);
});

test('people keep their other names in the exports of a task, and have others in those of another', async () => {
  const [first, second] = [await task(), await task()];
  const namesOf = async (taskId: string) =>
    new Set(linesOf((await written(taskId, 'JSONL')).bytes).map(({ person }) => person));
  const names = await namesOf(first);
  expect(await namesOf(first)).toEqual(names);
  expect([...(await namesOf(second))].filter((name) => names.has(name))).toEqual([]);
});

test.each(['CSV', 'JSONL', 'PARQUET'] as const)('a file as %s is read again as it was', async (format) => {
  const taskId = await task();
  const { bytes } = await written(taskId, format);
  const expected = linesOf((await written(taskId, 'JSONL')).bytes);
  const sent = await room.prepare({ sources: [{ upload: { uploadId: await room.upload(bytes, format) } }] });
  const rows = await room.rowsOf(sent);
  expect(rows).toHaveLength(5);
  const parsed = (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value);
  for (const [i, row] of rows.entries()) {
    const { item, person, seconds, propensity, preferredSide, answers, value } = expected[i]!;
    expect(row).toMatchObject({ item, person, seconds, propensity, preferredSide });
    expect([parsed(row.answers), parsed(row.value)]).toEqual([answers, value]);
  }
});

test('nothing is left of what was read for a file, and nothing is written of a task without answers', async () => {
  const { dataSource, store, projectId } = room.api;
  const files = async () => {
    await sweepFiles(dataSource, store);
    const [row] = await query<{ count: number }>('SELECT count(*)::int AS count FROM artifacts');
    return row!.count;
  };
  const before = await files();
  await written(await task(), 'CSV');
  expect(await files()).toBe(before + 1);
  const empty = await addTask(query, {
    projectId,
    question,
    people,
    items: [{ content: itemContent({ prompt: 'p' }) }],
  });
  const refused = service.export({
    taskId: empty.id,
    format: 'CSV',
    guardFormulas: null,
    idempotencyKey: null,
    input: {},
  });
  await expect(refused).rejects.toMatchObject({ problems: [{ path: ['taskId'], code: 'NO_ROWS_LEFT' }] });
  await expect(refused).rejects.toBeInstanceOf(ProblemsError);
  expect(await files()).toBe(before + 1);
});

test('a CSV is guarded against formulas if so asked, and other formats have no such option', async () => {
  const taskId = await task('=1+1');
  expect((await written(taskId, 'CSV', true)).bytes.toString()).toContain(",'=1+1,");
  expect((await written(taskId, 'CSV')).bytes.toString()).toContain(',=1+1,');
  const call = { taskId, format: 'PARQUET', guardFormulas: true, idempotencyKey: null, input: {} } as const;
  await expect(service.export(call)).rejects.toMatchObject({
    problems: [{ path: ['guardFormulas'], code: 'INVALID_VALUE' }],
  });
});

test('a repeated call queues nothing', async () => {
  const taskId = await task();
  const call = { taskId, format: 'CSV', guardFormulas: null, idempotencyKey: randomUUID(), input: { a: 1 } } as const;
  const ids = await Promise.all([service.export(call), service.export(call)]);
  expect(ids[1]).toBe(ids[0]);
  expect(await service.export(call)).toBe(ids[0]);
  expect(await query('SELECT id FROM dataset_exports WHERE feedback_task_id = $1', [taskId])).toEqual([{ id: ids[0] }]);
});

test('files go with the task whose answers they have', async () => {
  const { dataSource, store, url } = room.api;
  const [taskId, other] = [await task(), await task()];
  const { files } = await written(taskId, 'CSV');
  const kept = await written(other, 'CSV');
  const deletions = createDeletionService({
    dataSource,
    store,
    onSweepFailed(error) {
      throw error;
    },
  });
  const how = { cascade: false, dryRun: false };
  const { counts, freedBytes } = await deletions.delete('FeedbackTask', taskId, how, ['taskId']);
  expect(counts).toEqual({ FeedbackTask: 1, DatasetExport: 1 });
  expect(freedBytes).toBeGreaterThan(0);
  expect((await fetch(new URL(files[0]!.url, url))).status).toBe(404);
  expect((await fetch(new URL(kept.files[0]!.url, url))).status).toBe(200);
  expect(
    await query('SELECT id FROM dataset_exports WHERE feedback_task_id IS NULL AND lines_digest IS NOT NULL'),
  ).toEqual([]);
});
