import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { claimDueLoop, releaseLoop } from '../../../src/loops/claim-due-loop.js';
import { insertProject, insertUser } from '../../support/access.js';
import { actOnLoop, doTheirPart, finishRound, stateOf, step } from '../../support/loops.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { ids, insertBaseModel, insertDataset, tinyLlama } from '../../support/rows.js';

/** The steps of loops on real tables and services; people, training and evaluations are played. */

let room: PreparationRoom;
let versionId: string;
let baseModelId: string;
let startModelId: string;
let loopId: string;

beforeAll(async () => {
  room = await openPreparationRoom();
  const { api } = room;
  const lines = Array.from(
    { length: 40 },
    (_, i) => `about ${i % 2 === 0 ? 'sport' : 'food'} ${i},${i % 2 === 0 ? 'sport' : 'food'}`,
  );
  const upload = await room.upload(`text,label\n${lines.join('\n')}\n`);
  versionId = (await room.prepare({ sources: [{ upload: { uploadId: upload } }] })).id;
  baseModelId = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'a base' }));
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['food', 'sport'] }];
  startModelId = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'a start', heads }));
});
afterAll(() => room[Symbol.asyncDispose]());

const inputOf = (more: Record<string, unknown> = {}) => ({
  name: 'topics',
  baseModelId,
  startModelId,
  rounds: 2,
  ask: { uncertain: { datasetVersionId: versionId, split: 'train', classes: ['sport', 'food'], most: 4 } },
  training: { method: { supervised: {} } },
  measuring: { datasetVersionId: versionId, split: 'test' },
  ...more,
});

async function created(more: Record<string, unknown> = {}): Promise<string> {
  const { id, problems } = await actOnLoop(room.api, 'createFeedbackLoop', inputOf(more));
  expect(problems).toBeUndefined();
  return id;
}

beforeEach(async () => {
  loopId = await created();
});

/** How many rows there are of all that steps make. */
async function countAll(): Promise<Record<string, number>> {
  const tables = [
    'feedback_tasks',
    'preparations',
    'experiments',
    'evaluations',
    'jobs',
    'feedback_loop_rounds',
    'feedback_loop_events',
    'project_events',
    'datasets',
  ];
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await room.api.dataSource.query(`SELECT count(*)::int AS count FROM ${table}`);
    counts[table] = row.count;
  }
  return counts;
}

/** Lets each write of a step fail just before it would be committed, as if the process died there. */
async function dying(work: () => Promise<unknown>): Promise<void> {
  const { dataSource } = room.api;
  await dataSource.query(`
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'died'; END $$;
    CREATE CONSTRAINT TRIGGER dies AFTER INSERT OR UPDATE ON feedback_loop_rounds
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
    CREATE CONSTRAINT TRIGGER dies AFTER UPDATE OF current_evaluation_id, current_model_id, status, dataset_id ON feedback_loops
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();`);
  try {
    await work();
  } finally {
    await dataSource.query(
      'DROP TRIGGER dies ON feedback_loop_rounds; DROP TRIGGER dies ON feedback_loops; DROP FUNCTION die()',
    );
  }
}

describe('a step', () => {
  test('that dies before its end leaves nothing, and is taken by the next process; one that did not is not taken again', async () => {
    const steps: string[] = [];
    for (;;) {
      const before = await countAll();
      const { loop, round } = await stateOf(room.api, loopId);
      if (loop.status !== 'RUNNING') break;
      await dying(() => step(room.api, loopId));
      expect(await countAll()).toEqual(before);
      expect((await stateOf(room.api, loopId)).round).toEqual(round);
      await step(room.api, loopId);
      const after = await stateOf(room.api, loopId);
      steps.push(`${round.number} ${round.step}`);
      const hasBegun = after.round.step === round.step && after.round.number === round.number;
      if (!hasBegun) continue;
      // Nothing has ended of what it began: the step is taken as often as one likes.
      const begun = await countAll();
      await step(room.api, loopId);
      expect(await countAll()).toEqual(begun);
      await doTheirPart(room.api, loopId);
    }
    const { loop, rounds } = await stateOf(room.api, loopId);
    expect(loop).toMatchObject({ status: 'ENDED', endReason: 'ROUNDS_DONE', problem: null });
    expect(rounds.map(({ outcome }) => outcome)).toEqual(['PROMOTED', 'PROMOTED']);
    expect(new Set(steps)).toEqual(
      new Set(
        [1, 2].flatMap((number) =>
          ['MEASURING', 'ASKING', 'PREPARING', 'TRAINING', 'EVALUATING', 'DECIDING'].map((each) => `${number} ${each}`),
        ),
      ),
    );
    const { rows } = await versionOf(rounds[1]!.datasetVersionId!);
    expect(rows.map(({ text, label, split }) => [text, label, split]).sort()).toEqual(
      [1, 2]
        .flatMap((round) =>
          ['sport', 'food', 'sport', 'food'].map((label, i) => [`about ${label}, ${round} ${i}`, label, 'train']),
        )
        .sort(),
    );
  }, 120_000);

  test('that several processes take at once is taken by one', async () => {
    const before = await countAll();
    for (let steps = 0; steps < 30; steps++) {
      await Promise.all([1, 2, 3, 4].map(() => step(room.api, loopId)));
      const { loop } = await stateOf(room.api, loopId);
      if (loop.status !== 'RUNNING') break;
      await doTheirPart(room.api, loopId);
    }
    const after = await countAll();
    expect((await stateOf(room.api, loopId)).loop).toMatchObject({ status: 'ENDED', problem: null });
    const made = (table: string) => after[table]! - before[table]!;
    // The first model is evaluated once, and one of each round.
    expect([made('feedback_tasks'), made('preparations'), made('experiments'), made('evaluations')]).toEqual([
      2, 2, 2, 3,
    ]);
    expect(made('datasets')).toBe(1);
  }, 120_000);

  test('of a loop that waits for people is due for nobody', async () => {
    const query = poolQuery(room.api.dataSource);
    const uuid = parseGlobalId(loopId)!.uuid;
    const due = async (): Promise<boolean> => {
      const others: string[] = [];
      for (;;) {
        const id = await claimDueLoop(query, 60, []);
        if (id === null || id === uuid) {
          for (const other of others) await releaseLoop(query, other, 0);
          if (id !== null) await releaseLoop(query, id, 0);
          return id === uuid;
        }
        others.push(id);
      }
    };
    expect(await due()).toBe(true);
    await step(room.api, loopId);
    expect(await due()).toBe(false);
    await doTheirPart(room.api, loopId);
    expect(await due()).toBe(true);
    await step(room.api, loopId);
    // It has come to ASKING, and asks.
    await step(room.api, loopId);
    expect(await due()).toBe(false);
    await doTheirPart(room.api, loopId);
    expect(await due()).toBe(true);
    await releaseLoop(query, uuid, 60);
    expect(await due()).toBe(false);
  });
});

async function versionOf(id: string) {
  return { rows: await room.rowsOf({ id: ids.version(id) }) };
}

describe('the gate', () => {
  test('keeps the former model where the new one is worse, and says by how much', async () => {
    await finishRound(room.api, loopId, { accuracy: 0.7 });
    const first = await stateOf(room.api, loopId);
    expect(first.rounds[0]).toMatchObject({ outcome: 'PROMOTED', verdict: { reason: 'NOT_WORSE' } });
    expect(first.loop.currentModelId).toBe(first.rounds[0]!.modelId);
    const ended = await finishRound(room.api, loopId, { accuracy: 0.6 });
    expect(ended.rounds[1]).toMatchObject({
      outcome: 'KEPT',
      verdict: { passed: false, reason: 'WORSE', scores: { candidate: 0.6, current: 0.7, start: 0.7 } },
    });
    expect(ended.loop.currentModelId).toBe(first.rounds[0]!.modelId);
  }, 60_000);
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

describe('what can not be is refused when a loop is created', () => {
  const refusals = async (more: Record<string, unknown>) => {
    const { problems } = await actOnLoop(room.api, 'createFeedbackLoop', inputOf(more));
    return (problems ?? []).map(({ path, code }) => [path.join('.'), code]);
  };
  const uncertain = (more: Record<string, unknown>) => ({
    ask: { uncertain: { datasetVersionId: versionId, split: 'train', classes: ['sport', 'food'], most: 4, ...more } },
  });

  test('with the place in the input', async () => {
    expect(await refusals(uncertain({ split: 'trian' }))).toEqual([['ask.uncertain.split', 'UNKNOWN_SPLIT']]);
    expect(await refusals(uncertain({ classes: ['one'] }))).toEqual([['ask.uncertain.classes', 'INVALID_VALUE']]);
    expect(await refusals(uncertain({ textColumn: 'body' }))).toEqual([['ask.uncertain.textColumn', 'UNKNOWN_COLUMN']]);
    expect(await refusals(uncertain({ most: 0 }))).toEqual([['ask.uncertain.most', 'INVALID_VALUE']]);
    expect(await refusals({ startModelId: baseModelId })).toEqual([['startModelId', 'NO_HEAD']]);
    expect(await refusals({ rounds: 21, name: '' })).toEqual([
      ['name', 'INVALID_VALUE'],
      ['rounds', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ measuring: null })).toEqual([['measuring', 'REQUIRED']]);
    expect(await refusals({ measuring: { datasetVersionId: versionId, split: 'tset' } })).toEqual([
      ['measuring.split', 'UNKNOWN_SPLIT'],
    ]);
    expect(await refusals({ alias: 'no alias' })).toEqual([['alias', 'INVALID_VALUE']]);
    expect(await refusals({ gate: { margin: -1, significance: 1 } })).toEqual([
      ['gate.margin', 'INVALID_VALUE'],
      ['gate.significance', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ people: { claimSeconds: 0, overlap: { atLeast: 0 } } })).toEqual([
      ['people.overlap.atLeast', 'INVALID_VALUE'],
      ['people.claimSeconds', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ training: { method: { languageModelling: { textColumn: 'text' } } } })).toEqual([
      ['training.method', 'INVALID_VALUE'],
    ]);
    expect(
      await refusals({
        startDataId: versionId,
        training: { method: { supervised: {} }, hyperparameters: { epochs: 0 } },
      }),
    ).toEqual([['training.hyperparameters.epochs', 'INVALID_VALUE']]);
  });

  test('how rounds learn, without any row that says it', async () => {
    const learning = (training: Record<string, unknown>) => refusals({ training });
    expect(await learning({ method: { supervised: {} }, hyperparameters: { epochs: 0, learningRate: -1 } })).toEqual([
      ['training.hyperparameters.learningRate', 'INVALID_VALUE'],
      ['training.hyperparameters.epochs', 'INVALID_VALUE'],
    ]);
    expect(await learning({ method: { supervised: { labelColumn: 'topic' } } })).toEqual([
      ['training.method.supervised.labelColumn', 'UNKNOWN_COLUMN'],
    ]);
    expect(await learning({ method: { supervised: { textColumn: 'text', labelColumn: 'label' } } })).toEqual([]);
    const writerId = ids.baseModel(
      await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'writes', manifest: tinyLlama }),
    );
    const pairs = (training: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      refusals({
        startModelId: null,
        ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', most: 4, writerId } },
        training,
        ...more,
      });
    // The base model reads texts in both directions.
    expect(await pairs({ method: { preferenceOptimization: {} } })).toEqual([
      ['training.method.preferenceOptimization', 'INVALID_VALUE'],
    ]);
    const decoder = { baseModelId: writerId };
    expect(await pairs({ method: { preferenceOptimization: {} } }, decoder)).toEqual([]);
    const without = { objective: { simpo: {} }, referenceModelId: writerId };
    expect(await pairs({ method: { preferenceOptimization: without } }, decoder)).toEqual([
      ['training.method.preferenceOptimization.referenceModelId', 'INVALID_VALUE'],
    ]);
    expect(await pairs({ method: { instructionTuning: {} } }, decoder)).toEqual([
      ['training.method.instructionTuning.conversation', 'REQUIRED'],
    ]);
  }, 60_000);

  test('what would waste the answers of people: what is measured, asked and promoted does not fit', async () => {
    const upload = await room.upload('body\nwithout labels\nnone either\nnor here\n');
    const plain = (await room.prepare({ sources: [{ upload: { uploadId: upload } }] })).id;
    expect(
      await refusals({ startModelId: null, measuring: { datasetVersionId: plain, split: 'train' } }),
    ).toContainEqual(['measuring.datasetVersionId', 'UNKNOWN_COLUMN']);
    expect(await refusals({ startModelId: null, ...uncertain({ classes: ['Sport', 'Food'] }) })).toEqual([
      ['ask.uncertain.classes', 'UNKNOWN_LABEL'],
    ]);
    // The labels of other splits than the measured one are no help.
    const parts = ['sport,pool', 'food,pool', 'politics,test', 'weather,test', ',blank'];
    const labelled = await room.upload(
      `text,label,part\n${parts.map((part, i) => `row number ${i},${part}`).join('\n')}\n`,
    );
    const divided = await room.prepare({ sources: [{ upload: { uploadId: labelled } }], splitColumn: 'part' });
    const on = (split: string) =>
      refusals({
        startModelId: null,
        rounds: 1,
        ...uncertain({ datasetVersionId: divided.id, split: 'pool', most: 2 }),
        measuring: { datasetVersionId: divided.id, split },
      });
    expect(await on('test')).toEqual([['ask.uncertain.classes', 'UNKNOWN_LABEL']]);
    expect(await on('blank')).toEqual([['measuring.split', 'EMPTY_SPLIT']]);
    expect(await refusals({ rounds: 20, ...uncertain({ most: 10 }) })).toEqual([['rounds', 'INVALID_VALUE']]);
    expect(await refusals(uncertain({ split: null }))).toEqual([['ask.uncertain.split', 'INVALID_VALUE']]);
    expect(await refusals({ policy: { scale: {} } })).toEqual([['policy.scale', 'INVALID_VALUE']]);
    expect(await refusals({ startModelId: null, policy: { crowdlab: {} } })).toEqual([
      ['policy.crowdlab', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ leastAnswers: 2 })).toEqual([['leastAnswers', 'INVALID_VALUE']]);
    expect(await refusals({ leastAnswers: 2, people: { overlap: { atLeast: 1, atMost: 2 } } })).toEqual([]);
    expect(await refusals({ gate: { measure: 'PERPLEXITY', maxPerplexityRatio: 1.1 } })).toEqual([
      ['gate.measure', 'INVALID_VALUE'],
      ['gate.maxPerplexityRatio', 'INVALID_VALUE'],
    ]);
  }, 60_000);

  test('and leaves nothing behind', async () => {
    const before = await countAll();
    await refusals(uncertain({ split: 'trian' }));
    expect(await countAll()).toEqual(before);
  });
});

test('its log is followed without a gap from any place, until it has ended', async () => {
  await finishRound(room.api, loopId);
  const { loop } = await stateOf(room.api, loopId);
  const events = room.api.connect().iterate<{ feedbackLoopChanged: { seq: number; to?: string } }>({
    query: `subscription ($id: ID!) { feedbackLoopChanged(loopId: $id, afterSeq: 3) {
      ... on SequencedLoopEvent { seq } ... on FeedbackLoopStatusChanged { to } } }`,
    variables: { id: loopId },
  });
  const seen: number[] = [];
  const first = await events.next();
  seen.push(first.value!.data!.feedbackLoopChanged.seq);
  await actOnLoop(room.api, 'endFeedbackLoop', { loopId });
  for await (const { data } of events) seen.push(data!.feedbackLoopChanged.seq);
  expect(seen).toEqual(Array.from({ length: loop.lastSeq + 2 - 3 }, (_, i) => i + 4));
}, 60_000);
