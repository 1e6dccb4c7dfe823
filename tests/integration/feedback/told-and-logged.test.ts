import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';
import { actOnLoop, finishRound, stateOf } from '../../support/loops.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { startReceiver } from '../../support/receiver.js';
import { ids, insertBaseModel } from '../../support/rows.js';
import { startWebhookServer } from '../../support/webhook-server.js';

/** What happens to feedback tasks and loops is sent to webhooks, and what is done to them is in the audit log. */

let room: PreparationRoom;
let loopInput: Record<string, unknown>;
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, projectId } = room.api;
  const lines = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `about sport ${i},sport` : `about food ${i},food`));
  const uploadId = await room.upload(`text,label\n${lines.join('\n')}\n`);
  const { id: datasetVersionId } = await room.prepare({ sources: [{ upload: { uploadId } }] });
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['food', 'sport'] }];
  loopInput = {
    name: 'topics',
    baseModelId: ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'a base' })),
    startModelId: ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'a start', heads })),
    rounds: 2,
    ask: { uncertain: { datasetVersionId, split: 'train', classes: ['sport', 'food'], most: 4 } },
    training: { method: { supervised: {} } },
    measuring: { datasetVersionId, split: 'test' },
  };
});
afterAll(() => room?.[Symbol.asyncDispose]());

const act = (mutation: string, input: Record<string, unknown>, selection = 'FeedbackTask { id }') =>
  mutate<{ id: string }>(room.api, mutation, selection, input);

test('webhooks get what happens to tasks and loops, signed and with ids of the graph', async () => {
  const { api } = room;
  await using server = await startWebhookServer(api.databaseUrl);
  await using receiver = await startReceiver();
  const { secret } = await server.addWebhook(receiver.url, [
    'feedback_task.opened',
    'feedback_task.closed',
    'feedback_loop.status_changed',
    'feedback_loop.round_finished',
  ]);
  const task = await createFeedbackTask(api, { name: 'told', question: { thumbs: {} }, paused: true });
  await addFeedbackItems(api, task, [{ text: 'a text' }]);
  await act('resumeFeedbackTask', { taskId: task });
  await submitFeedback(api, (await claimItem(api, task)).claim!.id, { thumbs: { up: true } });
  const { id: loopId } = await actOnLoop(api, 'createFeedbackLoop', loopInput);
  await finishRound(api, loopId);
  await actOnLoop(api, 'endFeedbackLoop', { loopId });
  const [round] = await api.dataSource.query(
    'SELECT outcome, model_id AS model, task_id AS task FROM feedback_loop_rounds WHERE loop_id = $1 AND number = 1',
    [parseGlobalId(loopId)!.uuid],
  );

  const sent = (await receiver.count(8)).map(
    ({ body, headers }) =>
      new Webhook(secret).verify(body, headers as Record<string, string>) as {
        type: string;
        seq: number;
        data: Record<string, unknown>;
      },
  );
  const told = sent.sort((one, two) => one.seq - two.seq).map(({ type, data }) => ({ type, data }));
  expect(told.slice(0, 3)).toEqual([
    { type: 'feedback_task.opened', data: { feedbackTaskId: task, name: 'told', question: 'THUMBS' } },
    {
      type: 'feedback_task.closed',
      data: {
        feedbackTaskId: task,
        name: 'told',
        question: 'THUMBS',
        status: 'CLOSED',
        reason: 'ITEMS_SETTLED',
        itemCount: 1,
        settledCount: 1,
        answerCount: 1,
        problem: null,
      },
    },
    {
      type: 'feedback_loop.status_changed',
      data: { feedbackLoopId: loopId, name: 'topics', from: null, to: 'RUNNING', endReason: null, problem: null },
    },
  ]);
  expect(told.slice(3, 5)).toMatchObject([
    {
      type: 'feedback_task.opened',
      data: { feedbackTaskId: globalId('FeedbackTask', round.task), question: 'LABELS' },
    },
    { type: 'feedback_task.closed', data: { feedbackTaskId: globalId('FeedbackTask', round.task), itemCount: 4 } },
  ]);
  expect(told.slice(5)).toEqual([
    {
      type: 'feedback_loop.round_finished',
      data: {
        feedbackLoopId: loopId,
        name: 'topics',
        round: 1,
        outcome: round.outcome,
        modelId: globalId('BaseModel', round.model),
      },
    },
    {
      type: 'feedback_loop.round_finished',
      data: { feedbackLoopId: loopId, name: 'topics', round: 2, outcome: 'ABANDONED', modelId: null },
    },
    {
      type: 'feedback_loop.status_changed',
      data: {
        feedbackLoopId: loopId,
        name: 'topics',
        from: 'RUNNING',
        to: 'ENDED',
        endReason: 'BY_REQUEST',
        problem: null,
      },
    },
  ]);
});

interface Entry {
  readonly action: string;
  readonly outcome: string;
  readonly targetId: string | null;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** The entries of the log since it had so many, the oldest first. */
async function logged(work: () => Promise<unknown>): Promise<readonly Entry[]> {
  const read = async () => {
    const { project } = await room.api.request<{ project: { auditLog: { nodes: readonly Entry[] } } }>(
      '{ project { auditLog(first: 100) { nodes { action outcome targetId details { name value } } } } }',
    );
    return [...project.auditLog.nodes].reverse();
  };
  const before = (await read()).length;
  await work();
  return (await read()).slice(before);
}

test('the audit log has each thing that is done to a task, and nothing of what people say', async () => {
  const { api } = room;
  const user = await insertUser(api.dataSource, 'ann', { roles: { [api.projectId]: 'ANNOTATOR' } });
  const { secret: ann } = await insertKey(api.dataSource, user);
  let taskId = '';
  let itemId = '';
  let preparation = '';
  let file = '';
  const entries = await logged(async () => {
    taskId = await createFeedbackTask(api, {
      name: 'logged',
      question: { labels: { classes: ['x', 'y'] } },
      ends: { itemsSettled: false },
    });
    await addFeedbackItems(api, taskId, [{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    await act('updateFeedbackTask', { taskId, name: 'renamed', claimSeconds: 60 });
    await act('pauseFeedbackTask', { taskId });
    await act('resumeFeedbackTask', { taskId });
    // Annotators: an answer, a skipped item, and a flagged one.
    const answered = (await claimItem(api, taskId, ann)).claim!;
    await submitFeedback(api, answered.id, { labels: { labels: ['x'] } }, 'a comment', ann);
    const skipped = { claimId: (await claimItem(api, taskId, ann)).claim!.id, reason: 'unclear' };
    await mutate(api, 'skipFeedbackItem', 'FeedbackClaim { state }', skipped, ann);
    const flagged = { claimId: (await claimItem(api, taskId, ann)).claim!.id, reason: 'rude' };
    await mutate(api, 'flagFeedbackItem', 'FeedbackClaim { flagReason }', flagged, ann);
    const { node } = await api.request<{ node: { items: { nodes: { id: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 1) { nodes { id } } } } }',
      { id: taskId },
    );
    itemId = node.items.nodes[0]!.id;
    const decision = { itemId, value: { labels: { labels: ['y'] } }, comment: 'rule 3' };
    await act('adjudicateFeedbackItem', decision, 'FeedbackItem { id }');
    const dataset = { taskIds: [taskId], name: 'of the log', policy: { majority: {} } };
    preparation = (await act('createDatasetFromFeedback', dataset, 'Preparation { id }')).id;
    file = (await act('exportFeedback', { taskId, format: 'CSV' }, 'DatasetExport { id }')).id;
    await act('closeFeedbackTask', { taskId });
    const refused = await mutate(api, 'closeFeedbackTask', 'FeedbackTask { id }', { taskId }, ann);
    expect(refused.problems).toMatchObject([{ code: 'FORBIDDEN' }]);
  });
  expect(entries.map(({ action, outcome, targetId }) => [action, outcome, targetId])).toEqual([
    ['createFeedbackTask', 'DONE', taskId],
    ['addFeedbackItems', 'DONE', taskId],
    ['updateFeedbackTask', 'DONE', taskId],
    ['pauseFeedbackTask', 'DONE', taskId],
    ['resumeFeedbackTask', 'DONE', taskId],
    ['adjudicateFeedbackItem', 'DONE', itemId],
    ['createDatasetFromFeedback', 'DONE', preparation],
    ['exportFeedback', 'DONE', file],
    ['closeFeedbackTask', 'DONE', taskId],
    ['closeFeedbackTask', 'REFUSED', taskId],
  ]);
  const detailsOf = (place: number) => entries[place]!.details;
  expect(detailsOf(2)).toEqual([
    { name: 'name', value: 'renamed' },
    { name: 'claimSeconds', value: '60' },
  ]);
  expect(detailsOf(5)).toEqual([{ name: 'comment', value: 'rule 3' }]);
  await api.jobResults.wait(parseGlobalId(file)!.uuid, 30_000);
  await api.jobResults.wait(parseGlobalId(preparation)!.uuid, 30_000);
  const gone = await logged(() => act('deleteFeedbackTask', { taskId }, 'Deletion { kind }'));
  expect(gone.map(({ action, targetId }) => [action, targetId])).toEqual([['deleteFeedbackTask', taskId]]);
});

test('the audit log has each thing that is done to a loop', async () => {
  const { api } = room;
  let loopId = '';
  const entries = await logged(async () => {
    loopId = (await actOnLoop(api, 'createFeedbackLoop', { ...loopInput, name: 'logged' })).id;
    await actOnLoop(api, 'updateFeedbackLoop', { loopId, name: 'renamed' });
    await actOnLoop(api, 'pauseFeedbackLoop', { loopId });
    await actOnLoop(api, 'resumeFeedbackLoop', { loopId });
    await actOnLoop(api, 'endFeedbackLoop', { loopId });
  });
  expect(entries.map(({ action, outcome, targetId }) => [action, outcome, targetId])).toEqual(
    ['create', 'update', 'pause', 'resume', 'end'].map((verb) => [`${verb}FeedbackLoop`, 'DONE', loopId]),
  );
  expect(entries[0]!.details).toContainEqual({ name: 'rounds', value: '2' });
  expect((await stateOf(api, loopId)).loop.status).toBe('ENDED');
  const gone = await logged(() => act('deleteFeedbackLoop', { loopId }, 'Deletion { kind }'));
  expect(gone.map(({ action, targetId }) => [action, targetId])).toEqual([['deleteFeedbackLoop', loopId]]);
});
