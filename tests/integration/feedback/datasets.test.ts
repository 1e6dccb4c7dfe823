import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createPreparations, type Preparations } from '../../../src/datasets/preparation/preparations.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import {
  createFeedbackDatasetService,
  type FeedbackDatasetRequest,
  type FeedbackDatasetService,
} from '../../../src/feedback/datasets/feedback-dataset.service.js';
import { createFeedbackResults } from '../../../src/feedback/results/feedback-results.service.js';
import { createStatisticsThreads } from '../../../src/feedback/results/statistics-threads.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { usualSplit } from '../../../src/protocol/datasets/split-request.js';
import type { FeedbackDatasetRules } from '../../../src/protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion } from '../../../src/protocol/feedback.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { addAnswer, addPeople, addTask, bothGood, itemContent, labels, prefers } from '../../support/feedback-rows.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** Dataset versions of what people answered: real tables, queue, worker and files. */

let room: PreparationRoom;
let query: Query;
let preparations: Preparations;
let service: FeedbackDatasetService;
let people: readonly string[];
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, store, jobResults } = room.api;
  query = poolQuery(dataSource);
  preparations = createPreparations({ dataSource, query, store, jobResults, workers: { anyOnline: async () => true } });
  service = createFeedbackDatasetService({
    dataSource,
    query,
    store,
    preparations,
    threads: createStatisticsThreads(),
  });
  people = await addPeople(query, room.api.projectId, 3);
});
afterAll(() => room[Symbol.asyncDispose]());

const pairs: FeedbackQuestion = { kind: 'pairwise', strengths: 3 };
const topics: FeedbackQuestion = { kind: 'labels', classes: ['billing', 'login'], several: false };
const majority: FeedbackDatasetRules = {
  policy: { kind: 'majority', ties: 'DROP' },
  leastAgreement: null,
  leastAnswers: 1,
  unpaired: false,
  correctionPairs: false,
};

let names = 0;
function requestOf(taskIds: readonly string[], more: Partial<FeedbackDatasetRequest> = {}): FeedbackDatasetRequest {
  return {
    projectId: room.api.projectId,
    taskIds,
    target: {
      kind: 'newDataset',
      datasetId: randomUUID(),
      versionId: randomUUID(),
      name: `feedback ${names++}`,
      description: null,
    },
    rules: majority,
    fractions: usualSplit.fractions,
    seed: 0,
    idempotencyKey: null,
    input: {},
    ...more,
  };
}

async function make(taskIds: readonly string[], more: Partial<FeedbackDatasetRequest> = {}) {
  const { datasetVersionId } = (await preparations.finished(await service.create(requestOf(taskIds, more))))!;
  const id = datasetVersionId!;
  const [row] = await query<{ digest: string; roles: { column: string; role: string }[] }>(
    'SELECT digest, roles FROM dataset_versions WHERE id = $1',
    [id],
  );
  const roles = Object.fromEntries(row!.roles.map(({ column, role }) => [column, role]));
  return { id, digest: row!.digest, roles, rows: await room.rowsOf({ id: globalId('DatasetVersion', id) }) };
}

async function problemsOf(request: FeedbackDatasetRequest) {
  const error = await service.create(request).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProblemsError) return error.problems.map(({ path, code, message }) => ({ path, code, message }));
  throw error ?? new Error('It was not refused.');
}

const addPairs = (values: readonly Parameters<typeof addTask>[1]['items'][number][]) =>
  addTask(query, { projectId: room.api.projectId, question: pairs, items: values, people });
const pair = (prompt: string, ...answers: NonNullable<Parameters<typeof addTask>[1]['items'][number]['answers']>) => ({
  content: itemContent({ prompt, answers: [`one to ${prompt}`, `two to ${prompt}`] }),
  answers,
});

describe('a version of what people answered', () => {
  test('has preference pairs, whose roles say what they are, and which lead to their items', async () => {
    const task = await addPairs([
      pair('p', prefers('b', 3), prefers('b', 2)),
      pair('q', prefers('a', 1)),
      pair('r', bothGood),
    ]);
    const made = await make([task.id]);
    const byPrompt = Object.fromEntries(made.rows.map(({ split: _, ...row }) => [row.prompt, row]));
    expect(byPrompt).toEqual({
      p: {
        prompt: 'p',
        chosen: 'two to p',
        rejected: 'one to p',
        strength: 2.5,
        agreement: 1,
        answerCount: 2,
        group: JSON.stringify({ kind: 'text', text: 'p' }),
        feedbackItem: Buffer.from(`FeedbackItem:${task.itemIds[0]}`).toString('base64'),
      },
      q: expect.objectContaining({ chosen: 'one to q', rejected: 'two to q', strength: 1 }),
    });
    expect(made.roles).toEqual({
      prompt: 'PROMPT',
      chosen: 'CHOSEN',
      rejected: 'REJECTED',
      strength: 'IGNORE',
      agreement: 'IGNORE',
      answerCount: 'IGNORE',
      group: 'GROUP',
      feedbackItem: 'IGNORE',
    });
  });

  test('does not count gold items and repetitions', async () => {
    const content = itemContent({ text: 'I can not sign in' });
    const task = await addTask(query, {
      projectId: room.api.projectId,
      question: topics,
      people,
      items: [
        { content, answers: [labels('login')] },
        { content: itemContent({ text: 'known' }), answers: [labels('billing')], gold: labels('billing') },
      ],
    });
    const again = { taskId: task.id, itemId: task.itemIds[0]!, question: topics, counts: false, repetition: 1 };
    await addAnswer(query, { ...again, userId: people[0]!, value: labels('billing') });
    const { rows } = await make([task.id]);
    expect(rows).toMatchObject([{ text: 'I can not sign in', label: 'login', answerCount: 1, agreement: 1 }]);
  });

  test('never has one prompt in two splits', async () => {
    const asked = Array.from({ length: 60 }, (_, i) => pair(`p${i % 20}`, prefers('a')));
    const task = await addPairs(asked);
    const fractions = [
      { name: 'train', fraction: 0.5 },
      { name: 'test', fraction: 0.5 },
    ];
    const { rows } = await make([task.id], { fractions, seed: 3 });
    const splits = new Map<unknown, Set<unknown>>();
    for (const { prompt, split } of rows) splits.set(prompt, (splits.get(prompt) ?? new Set()).add(split));
    expect(rows).toHaveLength(60);
    expect([...splits.values()].map((each) => each.size)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(new Set(rows.map(({ split }) => split)).size).toBe(2);
  });

  test('is the same from the same answers, and says how it came about', async () => {
    const task = await addPairs([
      pair('p', prefers('a'), prefers('b'), prefers('a')),
      pair('q', prefers('a'), prefers('b')),
    ]);
    const rules: FeedbackDatasetRules = { ...majority, policy: { kind: 'posterior', atLeast: 0.5 } };
    const [first, second] = [await make([task.id], { rules }), await make([task.id], { rules })];
    expect(second.digest).toBe(first.digest);
    const [source] = await query<{ feedback: unknown }>(
      'SELECT feedback FROM dataset_version_sources WHERE dataset_version_id = $1',
      [first.id],
    );
    const leftOut = { TOO_FEW_ANSWERS: 0, NOT_ADJUDICATED: 0, TIED: 0, TOO_LITTLE_AGREEMENT: 0, NO_PREFERENCE: 0 };
    const none = { NOT_SURE_ENOUGH: 0, NOT_PREDICTED: 0 };
    expect(source!.feedback).toEqual({
      rules,
      figures: { items: 2, kept: 2, rows: 2, leftOut: { ...leftOut, ...none }, overlappingSpans: 0 },
    });
    const links = await query(
      'SELECT task_id AS id, last_seq::int AS seq FROM dataset_version_feedback WHERE dataset_version_id = $1',
      [first.id],
    );
    expect(links).toEqual([{ id: task.id, seq: 7 }]);
    await addAnswer(query, {
      taskId: task.id,
      itemId: task.itemIds[1]!,
      userId: people[2]!,
      question: pairs,
      value: prefers('b'),
    });
    expect((await make([task.id], { rules })).digest).not.toBe(first.digest);
  });

  test('has what people and a classifier together say, of items that were predicted', async () => {
    const said = [
      ['billing', 'billing', 'login'],
      ['login', 'login', 'login'],
      ['billing', 'login'],
      ['billing', 'billing'],
    ];
    const items = said.map((names, i) => ({
      content: itemContent({ text: `T${i}` }),
      answers: names.map((name) => labels(name)),
    }));
    const task = await addTask(query, { projectId: room.api.projectId, question: topics, items, people });
    for (const [i, login] of [0.2, 0.9, 0.7].entries()) {
      await query('UPDATE feedback_items SET prediction = $2 WHERE id = $1', [
        task.itemIds[i],
        JSON.stringify({
          modelId: randomUUID(),
          task: 'topic',
          uncertainty: 0,
          labels: [
            { label: 'login', probability: login },
            { label: 'billing', probability: 1 - login },
          ],
        }),
      ]);
    }
    const rules: FeedbackDatasetRules = { ...majority, policy: { kind: 'crowdlab', atLeast: 0 } };
    const made = await make([task.id], { rules });
    const byText = Object.fromEntries(made.rows.map(({ split: _, ...row }) => [row.text, row]));
    expect(Object.keys(byText).sort()).toEqual(['T0', 'T1', 'T2']);
    const results = createFeedbackResults({
      dataSource: room.api.dataSource,
      query,
      threads: createStatisticsThreads(),
    });
    const likely = await results.likelyAnswers(task.id, 'CROWDLAB');
    expect(likely.items.map(({ category }) => category)).toEqual(['billing', 'login', 'login']);
    for (const [i, { category, probability }] of likely.items.entries()) {
      const row = byText[`T${i}`]!;
      expect(row.label).toBe(category);
      expect(row.probability).toBeCloseTo(probability, 12);
      const shares = row.labelProbabilities as Record<string, number>;
      expect(shares.billing! + shares.login!).toBeCloseTo(1, 12);
    }
    const [source] = await query<{ feedback: { figures: { leftOut: Record<string, number> } } }>(
      'SELECT feedback FROM dataset_version_sources WHERE dataset_version_id = $1',
      [made.id],
    );
    expect(source!.feedback.figures.leftOut).toMatchObject({ NOT_PREDICTED: 1, TIED: 0 });
    const several: FeedbackQuestion = { ...topics, several: true };
    const other = await addTask(query, { projectId: room.api.projectId, question: several, items, people });
    expect(await problemsOf(requestOf([other.id], { rules }))).toMatchObject([
      { path: ['policy', 'crowdlab'], code: 'INVALID_VALUE' },
    ]);
  });

  describe('by posteriors', () => {
    const rules: FeedbackDatasetRules = { ...majority, policy: { kind: 'posterior', atLeast: 0 } };
    /** Makes versions, with something that happens whenever posteriors are computed. */
    const duringFits = (happens: () => Promise<unknown>): FeedbackDatasetService => {
      const threads = createStatisticsThreads();
      return createFeedbackDatasetService({
        dataSource: room.api.dataSource,
        query,
        store: room.api.store,
        preparations,
        threads: {
          async compute(name, settings, read) {
            return threads.compute(name, settings, async (give) => {
              await read(give);
              await happens();
            });
          },
        },
      });
    };
    const says = async (taskId: string, itemId: string, userId: string) => {
      await addAnswer(query, { taskId, itemId, userId, question: pairs, value: prefers('b') });
      await query('UPDATE feedback_tasks SET last_seq = last_seq + 1 WHERE id = $1', [taskId]);
    };

    test('holds no transaction while they are computed, and has the answers that were given meanwhile', async () => {
      const task = await addPairs([pair('p', prefers('b')), pair('q', prefers('a'), prefers('a'))]);
      let [fits, open] = [0, 0];
      const making = duringFits(async () => {
        const [row] = await query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%feedback%'`,
        );
        open += row!.count;
        if (fits++ === 0) await says(task.id, task.itemIds[0]!, people[1]!);
      });
      const id = await making.create(requestOf([task.id], { rules }));
      const { datasetVersionId } = (await preparations.finished(id))!;
      const rows = await room.rowsOf({ id: globalId('DatasetVersion', datasetVersionId!) });
      expect(rows.map(({ prompt, answerCount }) => [prompt, answerCount]).sort()).toEqual([
        ['p', 2],
        ['q', 2],
      ]);
      expect({ fits, open }).toEqual({ fits: 2, open: 0 });
      const read = await query(
        `SELECT v.last_seq = t.last_seq AS all FROM dataset_version_feedback v JOIN feedback_tasks t ON t.id = v.task_id
          WHERE v.dataset_version_id = $1`,
        [datasetVersionId],
      );
      expect(read).toEqual([{ all: true }]);
    });

    test('is refused where people answer whenever they are computed', async () => {
      const task = await addPairs([pair('p', prefers('a'), prefers('a')), pair('q')]);
      const left = [...people];
      const request = requestOf([task.id], { rules });
      await expect(
        duringFits(() => says(task.id, task.itemIds[1]!, left.pop()!)).create(request),
      ).rejects.toMatchObject({
        problems: [{ path: ['taskIds'], code: 'CONFLICT' }],
      });
      expect(left).toEqual([]);
    });
  });

  test('by posteriors is refused where no item has two answers, and leaves nothing', async () => {
    const task = await addPairs([pair('p', prefers('a')), pair('q', prefers('b'))]);
    const rules: FeedbackDatasetRules = { ...majority, policy: { kind: 'posterior', atLeast: 0 } };
    expect(await problemsOf(requestOf([task.id], { rules }))).toEqual([
      {
        path: ['policy', 'posterior'],
        code: 'INVALID_VALUE',
        message: 'No item has two answers, and of none the right one is known: nothing tells how people err.',
      },
    ]);
    const [row] = await query<{ count: number }>(
      'SELECT count(*)::int AS count FROM dataset_version_feedback WHERE task_id = $1',
      [task.id],
    );
    expect(row!.count).toBe(0);
  });

  test('stays when its tasks are deleted, and keeps their names', async () => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const made = await make([task.id]);
    await query('DELETE FROM feedback_tasks WHERE id = $1', [task.id]);
    const [link] = await query(
      'SELECT task_id, task_name FROM dataset_version_feedback WHERE dataset_version_id = $1',
      [made.id],
    );
    expect(link).toEqual({ task_id: null, task_name: 'a task' });
  });

  test('of several tasks has the rows of all, in their order', async () => {
    const tasks = [await addPairs([pair('p', prefers('a'))]), await addPairs([pair('q', prefers('b'))])];
    const { rows } = await make([tasks[1]!.id, tasks[0]!.id]);
    expect(rows.map(({ prompt }) => prompt).sort()).toEqual(['p', 'q']);
  });

  test('may be the next one of a dataset', async () => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const request = requestOf([task.id]);
    await preparations.finished(await service.create(request));
    const target = { kind: 'version', datasetId: request.target.datasetId, versionId: randomUUID() } as const;
    const made = await make([task.id], { target });
    const [version] = await query('SELECT number FROM dataset_versions WHERE id = $1', [made.id]);
    expect(version).toEqual({ number: 2 });
  });

  test('is made once for one idempotency key', async () => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const request = requestOf([task.id], { idempotencyKey: randomUUID(), input: { a: 1 } });
    const ids = await Promise.all([service.create(request), service.create(request)]);
    expect(ids[1]).toBe(ids[0]);
    expect(await service.create(request)).toBe(ids[0]);
    await preparations.finished(ids[0]!);
  });
});

describe('what makes no version', () => {
  test('because nothing remains says how many items fell to which rule, and leaves nothing', async () => {
    const task = await addPairs([pair('p', prefers('a'), prefers('b')), pair('q', bothGood), pair('r')]);
    const { dataSource, store } = room.api;
    const counts = async () => {
      await sweepFiles(dataSource, store);
      const [row] = await query(
        'SELECT (SELECT count(*) FROM artifacts) AS files, (SELECT count(*) FROM preparations) AS all',
      );
      return row;
    };
    const before = await counts();
    expect(await problemsOf(requestOf([task.id]))).toEqual([
      {
        path: ['policy'],
        code: 'NO_ROWS_LEFT',
        message: 'None of 3 items becomes a row: 1 have fewer answers than 1, 1 are tied, 1 prefer nothing.',
      },
    ]);
    expect(await counts()).toEqual(before);
  });

  test.each([
    [{ policy: { kind: 'scale', statistic: 'MEAN' } }, ['policy', 'scale']],
    [{ correctionPairs: true }, ['correctionPairs']],
  ] as const)('because %j does not fit the question', async (more, path) => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const found = await problemsOf(requestOf([task.id], { rules: { ...majority, ...more } }));
    expect(found).toMatchObject([{ path, code: 'INVALID_VALUE' }]);
  });

  test('because tasks differ, are unknown, or are named twice', async () => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const items = [{ content: itemContent({ text: 'T' }), answers: [labels('login')] }];
    const other = await addTask(query, { projectId: room.api.projectId, question: topics, items, people });
    expect(await problemsOf(requestOf([task.id, other.id]))).toMatchObject([
      { path: ['taskIds', '1'], code: 'INVALID_VALUE' },
    ]);
    expect(await problemsOf(requestOf([task.id, task.id, randomUUID()]))).toMatchObject([
      { path: ['taskIds', '1'], code: 'INVALID_VALUE' },
      { path: ['taskIds', '2'], code: 'NOT_FOUND' },
    ]);
    expect(await problemsOf(requestOf([]))).toMatchObject([{ code: 'REQUIRED' }]);
  });

  test('because its splits are no shares leaves no file', async () => {
    const task = await addPairs([pair('p', prefers('a'))]);
    const fractions = [{ name: 'train', fraction: 0.5 }];
    expect(await problemsOf(requestOf([task.id], { fractions }))).toMatchObject([{ path: ['split', 'fractions'] }]);
  });
});
