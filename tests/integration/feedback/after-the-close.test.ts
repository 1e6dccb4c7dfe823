import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createPreparations } from '../../../src/datasets/preparation/preparations.js';
import {
  createFeedbackDatasetService,
  type FeedbackDatasetService,
} from '../../../src/feedback/datasets/feedback-dataset.service.js';
import { createFeedbackResults, type FeedbackResults } from '../../../src/feedback/results/feedback-results.service.js';
import { createStatisticsThreads } from '../../../src/feedback/results/statistics-threads.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { usualSplit } from '../../../src/protocol/datasets/split-request.js';
import type { FeedbackPolicy } from '../../../src/protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { insertKey, insertUser } from '../../support/access.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';
import { addAnswer, addPeople, addTask, itemContent, labels } from '../../support/feedback-rows.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** What comes after a task was closed is kept, and neither statistics nor datasets have it. */

const topics: FeedbackQuestion = { kind: 'labels', classes: ['billing', 'login'], several: false };

let room: PreparationRoom;
let query: Query;
let results: FeedbackResults;
let datasets: FeedbackDatasetService;
let digestOf: (taskId: string, policy: FeedbackPolicy) => Promise<string>;
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, store, jobResults } = room.api;
  query = poolQuery(dataSource);
  const threads = createStatisticsThreads();
  const preparations = createPreparations({
    dataSource,
    query,
    store,
    jobResults,
    workers: { anyOnline: async () => true },
  });
  results = createFeedbackResults({ dataSource, query, threads });
  datasets = createFeedbackDatasetService({ dataSource, query, store, preparations, threads });
  digestOf = async (taskId, policy) => {
    const preparationId = await datasets.create({
      projectId: room.api.projectId,
      taskIds: [taskId],
      target: {
        kind: 'newDataset',
        datasetId: randomUUID(),
        versionId: randomUUID(),
        name: `of ${policy.kind} ${randomUUID()}`,
        description: null,
      },
      rules: { policy, leastAgreement: null, leastAnswers: 1, unpaired: false, correctionPairs: false },
      fractions: usualSplit.fractions,
      seed: 0,
      idempotencyKey: null,
      input: {},
    });
    const { datasetVersionId } = (await preparations.finished(preparationId))!;
    const [row] = await query<{ digest: string }>('SELECT digest FROM dataset_versions WHERE id = $1', [
      datasetVersionId,
    ]);
    return row!.digest;
  };
});
afterAll(() => room?.[Symbol.asyncDispose]());

test('an answer that was held when the task was closed decides nothing', async () => {
  const { api } = room;
  const keys = await Promise.all(
    ['ann', 'bob', 'cleo'].map(async (name) => {
      const user = await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'ANNOTATOR' } });
      return (await insertKey(api.dataSource, user)).secret;
    }),
  );
  const task = await createFeedbackTask(api, {
    name: 'closed while one is held',
    question: { labels: { classes: ['billing', 'login'] } },
    overlap: { atLeast: 3, atMost: 3 },
  });
  await addFeedbackItems(api, task, [{ text: 'I can not sign in' }]);
  const claims = await Promise.all(keys.map(async (key) => (await claimItem(api, task, key)).claim!.id));
  const says = (place: number, label: string) =>
    submitFeedback(api, claims[place]!, { labels: { labels: [label] } }, undefined, keys[place]);
  await says(0, 'login');
  await says(1, 'login');
  await mutate(api, 'closeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
  const taskId = parseGlobalId(task)!.uuid;
  const before = await digestOf(taskId, { kind: 'posterior', atLeast: 0 });
  expect(await says(2, 'billing')).toMatchObject({ late: true });

  for (const method of ['MAJORITY', null] as const) {
    const { items } = await results.likelyAnswers(taskId, method);
    expect(items).toMatchObject([{ category: 'login', majorityShare: 1, answerCount: 2 }]);
  }
  const people = await results.people(taskId);
  expect(people.map(({ answerCount, agreement }) => [answerCount, agreement.share])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(await digestOf(taskId, { kind: 'posterior', atLeast: 0 })).toBe(before);
});

describe('of first answers, those to gold items and repetitions', () => {
  test.each(['posterior', 'crowdlab'] as const)(
    'what comes too late is in no %s, nor in what is told of people',
    async (kind) => {
      const people = await addPeople(query, room.api.projectId, 4);
      const said = [
        ['billing', 'billing', 'login'],
        ['login', 'login', 'login'],
        ['billing', 'login'],
        ['billing', 'billing'],
      ];
      const items = said.map((names, i) => ({
        content: itemContent({ text: `T${i}` }),
        answers: names.map((name) => labels(name)),
        ...(i === 3 ? { gold: labels('billing') } : {}),
      }));
      const { id, itemIds } = await addTask(query, { projectId: room.api.projectId, question: topics, items, people });
      for (const [i, login] of [0.2, 0.9, 0.7].entries()) {
        const said = [
          { label: 'login', probability: login },
          { label: 'billing', probability: 1 - login },
        ];
        await query('UPDATE feedback_items SET prediction = $2 WHERE id = $1', [
          itemIds[i],
          JSON.stringify({ modelId: randomUUID(), task: 'topic', uncertainty: 0, labels: said }),
        ]);
      }
      const says = (
        item: number,
        person: number,
        value: FeedbackValue,
        more: Partial<Parameters<typeof addAnswer>[1]>,
      ) =>
        addAnswer(query, {
          taskId: id,
          itemId: itemIds[item]!,
          userId: people[person]!,
          question: topics,
          value,
          ...more,
        });
      await says(0, 0, labels('billing'), { counts: false, repetition: 1 });
      await query(
        `UPDATE feedback_tasks SET status = 'CLOSED', closed_reason = 'BY_REQUEST', closed_at = clock_timestamp() WHERE id = $1`,
        [id],
      );
      const policy: FeedbackPolicy = { kind, atLeast: 0 };
      const state = async () => ({
        digest: await digestOf(id, policy),
        likely: (await results.likelyAnswers(id, kind === 'posterior' ? 'ONE_COIN' : 'CROWDLAB')).items,
        people: await results.people(id),
      });
      const before = await state();
      // What was said in time of gold and again does tell of people.
      expect(before.people.find(({ annotator }) => annotator === people[0])).toMatchObject({
        answerCount: 5,
        gold: { right: 1, wrong: 0 },
        selfConsistency: { count: 1, of: 1 },
      });
      await says(0, 3, labels('login'), { counts: false, picked: 'ORDER' });
      await says(1, 3, labels('billing'), { counts: false, picked: 'ORDER' });
      await says(3, 2, labels('login'), { counts: false, picked: 'GOLD' });
      await says(2, 1, labels('billing'), { counts: false, repetition: 1 });
      await query('UPDATE feedback_tasks SET last_seq = last_seq + 4 WHERE id = $1', [id]);
      expect(await state()).toEqual(before);
      const [stored] = await query<{ count: number }>(
        'SELECT count(*)::int AS count FROM feedback_answers WHERE task_id = $1',
        [id],
      );
      expect(stored!.count).toBe(15);
    },
  );
});
