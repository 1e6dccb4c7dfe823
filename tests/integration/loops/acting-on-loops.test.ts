import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertProject, insertUser } from '../../support/access.js';
import { actOnLoop, doTheirPart, finishRound, stateOf, step } from '../../support/loops.js';
import { ids, insertBaseModel, insertDataset, tinyLlama } from '../../support/rows.js';
import { openTopicLoops, type TopicLoops } from '../../support/topic-loops.js';

/** What is done to a loop: paused, ended, tried again, changed; and what it keeps from being deleted. */

let loops: TopicLoops;
let room: TopicLoops['room'];
let versionId: TopicLoops['versionId'];
let startModelId: TopicLoops['startModelId'];
let inputOf: TopicLoops['inputOf'];
let created: TopicLoops['created'];
let loopId: string;

beforeAll(async () => {
  loops = await openTopicLoops();
  ({ room, versionId, startModelId, inputOf, created } = loops);
});
afterAll(() => loops?.[Symbol.asyncDispose]());

beforeEach(async () => {
  loopId = await created();
});

describe('a loop', () => {
  test('that is paused takes no step until it is resumed', async () => {
    await step(room.api, loopId);
    expect(await actOnLoop(room.api, 'pauseFeedbackLoop', { loopId })).toMatchObject({ status: 'PAUSED' });
    await doTheirPart(room.api, loopId);
    const paused = await stateOf(room.api, loopId);
    await step(room.api, loopId);
    expect((await stateOf(room.api, loopId)).round).toEqual(paused.round);
    expect(await actOnLoop(room.api, 'retryFeedbackLoop', { loopId })).toMatchObject({
      problems: [{ code: 'CONFLICT' }],
    });
    await actOnLoop(room.api, 'resumeFeedbackLoop', { loopId });
    await step(room.api, loopId);
    expect((await stateOf(room.api, loopId)).round.step).toBe('ASKING');
  });

  test('that ends closes its task and cancels its training, and is ended for good', async () => {
    await finishRound(room.api, loopId);
    for (let steps = 0; steps < 3; steps++) {
      await step(room.api, loopId);
      await step(room.api, loopId);
      const { round } = await stateOf(room.api, loopId);
      if (round.step === 'ASKING') break;
    }
    const { round } = await stateOf(room.api, loopId);
    expect(round.taskId).not.toBeNull();
    expect(await actOnLoop(room.api, 'endFeedbackLoop', { loopId })).toMatchObject({ status: 'ENDED' });
    const [task] = await room.api.dataSource.query('SELECT status FROM feedback_tasks WHERE id = $1', [round.taskId]);
    expect(task.status).toBe('CLOSED');
    const ended = await stateOf(room.api, loopId);
    expect(ended.rounds.map(({ outcome }) => outcome)).toEqual(['PROMOTED', 'ABANDONED']);
    expect(await actOnLoop(room.api, 'resumeFeedbackLoop', { loopId })).toMatchObject({
      problems: [{ path: ['loopId'], code: 'CONFLICT' }],
    });
    expect(await actOnLoop(room.api, 'updateFeedbackLoop', { loopId, name: 'other' })).toMatchObject({
      problems: [{ code: 'CONFLICT' }],
    });
  }, 60_000);

  test('whose step fails says why, and goes on from that step or from an earlier one', async () => {
    await step(room.api, loopId);
    await doTheirPart(room.api, loopId);
    await step(room.api, loopId);
    await step(room.api, loopId);
    const asked = await stateOf(room.api, loopId);
    await room.api.request(
      `mutation ($input: FeedbackTaskActionInput!) { closeFeedbackTask(input: $input) { __typename } }`,
      { input: { taskId: Buffer.from(`FeedbackTask:${asked.round.taskId}`).toString('base64') } },
    );
    await step(room.api, loopId);
    const { loop } = await stateOf(room.api, loopId);
    expect(loop).toMatchObject({ status: 'FAILED', problem: { code: 'NO_ROWS_LEFT' } });
    expect(loop.problem!.hint).toContain('retryFeedbackLoop');
    expect(await actOnLoop(room.api, 'retryFeedbackLoop', { loopId, from: 'TRAINING' })).toMatchObject({
      problems: [{ path: ['from'], code: 'INVALID_VALUE' }],
    });
    expect(await actOnLoop(room.api, 'retryFeedbackLoop', { loopId })).toMatchObject({
      status: 'RUNNING',
      problem: null,
    });
    await step(room.api, loopId);
    const again = await stateOf(room.api, loopId);
    expect(again.round).toMatchObject({ step: 'ASKING', attempt: 2 });
    expect(again.round.taskId).not.toBe(asked.round.taskId);
    const ended = await finishRound(room.api, loopId);
    expect(ended.rounds[0]!.outcome).toBe('PROMOTED');
  }, 60_000);

  test('whose policy can not be computed of the answers fails at once, and goes on with another policy', async () => {
    await actOnLoop(room.api, 'endFeedbackLoop', { loopId });
    // One answer is sure enough: nobody is asked twice.
    const people = { overlap: { atLeast: 1, atMost: 3, sureAt: 0.6 } };
    loopId = await created({ rounds: 1, people, policy: { posterior: {} } });
    const failed = await finishRound(room.api, loopId);
    expect(failed.loop).toMatchObject({ status: 'FAILED', failedTries: 0, problem: { code: 'INVALID_VALUE' } });
    expect(failed.round.step).toBe('PREPARING');
    expect(failed.loop.problem!.hint).toContain('updateFeedbackLoop');
    await actOnLoop(room.api, 'updateFeedbackLoop', { loopId, policy: { majority: {} } });
    await actOnLoop(room.api, 'retryFeedbackLoop', { loopId });
    expect((await finishRound(room.api, loopId)).rounds[0]!.outcome).toBe('PROMOTED');
  }, 60_000);

  test('whose owner may train no more waits for somebody who may', async () => {
    const { dataSource, projectId } = room.api;
    const nobody = await insertUser(dataSource, 'gone', { roles: { [projectId]: 'VIEWER' } });
    await dataSource.query('UPDATE feedback_loops SET acts_for = $2 WHERE id = $1', [
      parseGlobalId(loopId)!.uuid,
      nobody,
    ]);
    await step(room.api, loopId);
    expect((await stateOf(room.api, loopId)).loop).toMatchObject({ status: 'FAILED', problem: { code: 'FORBIDDEN' } });
    await actOnLoop(room.api, 'retryFeedbackLoop', { loopId });
    await step(room.api, loopId);
    const { loop } = await stateOf(room.api, loopId);
    expect(loop.status).toBe('RUNNING');
    expect(loop.currentEvaluationId).not.toBeNull();
    const audited = await dataSource.query(
      `SELECT outcome FROM audit_log WHERE action = 'retryFeedbackLoop' AND target_id = $1`,
      [parseGlobalId(loopId)!.uuid],
    );
    expect(audited).toEqual([{ outcome: 'DONE' }]);
  });

  test('keeps what it reads from being deleted until it ends, and is itself deleted only then', async () => {
    const remove = (mutation: string, input: string, id: Record<string, string>) =>
      room.api.request<Record<string, { problems?: { code: string; usedBy: { name: string }[] }[] }>>(
        `mutation ($input: ${input}!) { ${mutation}(input: $input) { ... on Problems { problems { code usedBy { name } } } } }`,
        { input: id },
      );
    const refused = await remove('deleteModel', 'DeleteModelInput', { modelId: startModelId });
    expect(refused.deleteModel!.problems![0]).toMatchObject({ code: 'IN_USE' });
    expect(refused.deleteModel!.problems![0]!.usedBy.map(({ name }) => name)).toContain('topics');
    const version = await remove('deleteDatasetVersion', 'DeleteDatasetVersionInput', { datasetVersionId: versionId });
    expect(version.deleteDatasetVersion!.problems![0]!.code).toBe('IN_USE');
    const running = await remove('deleteFeedbackLoop', 'DeleteFeedbackLoopInput', { loopId });
    expect(running.deleteFeedbackLoop!.problems![0]!.code).toBe('CONFLICT');
    await actOnLoop(room.api, 'endFeedbackLoop', { loopId });
    const gone = await remove('deleteFeedbackLoop', 'DeleteFeedbackLoopInput', { loopId });
    expect(gone.deleteFeedbackLoop!.problems).toBeUndefined();
    await expect(stateOf(room.api, loopId)).rejects.toThrow('no such loop');
  });
});

test('a loop names versions and models of its project alone, and keeps all of them until it ends', async () => {
  const { api } = room;
  const { dataSource, projectId } = api;
  const other = await insertProject(dataSource, 'elsewhere');
  const ofOther = await insertDataset(dataSource, other, { name: 'secret' });
  const controlOf = (datasetVersionId: string) => ({
    method: { languageModelling: { textColumn: 'text', control: { datasetVersionId, textColumn: 'text' } } },
  });
  const update = (more: Record<string, unknown>) => actOnLoop(api, 'updateFeedbackLoop', { loopId, ...more });
  const placed = ({
    problems,
  }: {
    readonly problems?: readonly { readonly path: string[]; readonly code: string }[] | undefined;
  }) => (problems ?? []).map(({ path, code }) => [path.join('.'), code]);
  const training = controlOf(ids.version(ofOther.versionIds[0]!));
  const unknown = [
    ['training.method', 'INVALID_VALUE'],
    ['training.method.languageModelling.control.datasetVersionId', 'NOT_FOUND'],
  ];
  expect(placed(await update({ training }))).toEqual(expect.arrayContaining(unknown));
  expect(placed(await actOnLoop(api, 'createFeedbackLoop', inputOf({ training })))).toEqual(unknown);
  // What creation refuses, a change is refused, too.
  expect(placed(await update({ training: { method: { supervised: { labelColumn: 'topic' } } } }))).toEqual([
    ['training.method.supervised.labelColumn', 'UNKNOWN_COLUMN'],
  ]);
  expect(placed(await update({ training: controlOf(versionId) }))).toContainEqual(['training.method', 'INVALID_VALUE']);
  expect(await update({ leastAnswers: 1, policy: { allVotes: {} } })).toMatchObject({ status: 'RUNNING' });

  const writer = await insertBaseModel(dataSource, projectId, { name: 'writes for it', manifest: tinyLlama });
  const reference = await insertBaseModel(dataSource, projectId, { name: 'is compared with', manifest: tinyLlama });
  const pairs = await created({
    baseModelId: ids.baseModel(writer),
    startModelId: null,
    ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', split: 'train', most: 4 } },
    training: { method: { preferenceOptimization: {} } },
    measuring: { datasetVersionId: versionId, split: 'test', textColumn: 'text' },
  });
  const remove = () =>
    api.request<{ deleteModel: { problems?: { code: string; usedBy: { name: string }[] }[] } }>(
      `mutation ($input: DeleteModelInput!) { deleteModel(input: $input) { ... on Problems { problems { code usedBy { name } } } } }`,
      { input: { modelId: ids.baseModel(reference), dryRun: true } },
    );
  expect((await remove()).deleteModel.problems).toBeUndefined();
  const method = { preferenceOptimization: { referenceModelId: ids.baseModel(reference) } };
  expect(await actOnLoop(api, 'updateFeedbackLoop', { loopId: pairs, training: { method } })).toMatchObject({
    status: 'RUNNING',
  });
  expect((await remove()).deleteModel.problems).toMatchObject([{ code: 'IN_USE', usedBy: [{ name: 'topics' }] }]);
  await actOnLoop(api, 'endFeedbackLoop', { loopId: pairs });
  expect((await remove()).deleteModel.problems).toBeUndefined();
}, 60_000);

test('the model that a round has made is kept until the round is decided', async () => {
  const { api } = room;
  for (let steps = 0; (await stateOf(api, loopId)).round.step !== 'EVALUATING' && steps < 20; steps++) {
    await step(api, loopId);
    if ((await stateOf(api, loopId)).round.step !== 'EVALUATING') await doTheirPart(api, loopId);
  }
  const { round } = await stateOf(api, loopId);
  const refused = await api.request<{ deleteModel: { problems?: { code: string }[] } }>(
    'mutation ($input: DeleteModelInput!) { deleteModel(input: $input) { ... on Problems { problems { code } } } }',
    { input: { modelId: ids.baseModel(round.modelId!) } },
  );
  expect(refused.deleteModel.problems).toMatchObject([{ code: 'IN_USE' }]);
}, 60_000);
