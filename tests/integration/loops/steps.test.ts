import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { claimDueLoop, releaseLoop } from '../../../src/loops/claim-due-loop.js';
import { actOnLoop, doTheirPart, finishRound, stateOf, step } from '../../support/loops.js';
import { ids } from '../../support/rows.js';
import { openTopicLoops, type TopicLoops } from '../../support/topic-loops.js';

/** The steps of loops on real tables and services; people, training and evaluations are played. */

let loops: TopicLoops;
let room: TopicLoops['room'];
let created: TopicLoops['created'];
let countAll: TopicLoops['countAll'];
let loopId: string;

beforeAll(async () => {
  loops = await openTopicLoops();
  ({ room, created, countAll } = loops);
});
afterAll(() => loops?.[Symbol.asyncDispose]());

beforeEach(async () => {
  loopId = await created();
});

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
