import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { topicRows, uploadRows } from '../support/training.js';

/** Loops that run on a real platform with a real worker: a small classifier, and people by a script. */

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let port: number;
let topics: string;

const startPlatform = () => startTestPlatform({ home, databaseUrl: database.url, port });

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-loops-'));
  port = await freePort();
  platform = await startPlatform();
  worker = startTestWorker({ databaseUrl: database.url, home });
  const rows = topicRows(160).map((row, i) => ({ ...row, part: i < 100 ? 'pool' : 'test' }));
  const { latest } = await platform.client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name: 'topics', uploadId: await uploadRows(platform.client, rows), splitColumn: 'part' },
  );
  topics = latest.id;
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface LoopEvent {
  readonly __typename: string;
  readonly seq: number;
  readonly step?: string;
  readonly round?: number;
  readonly outcome?: string;
  readonly to?: string;
  readonly problem?: { readonly code: string; readonly message: string } | null;
}

interface Round {
  readonly number: number;
  readonly outcome: string | null;
  readonly verdict: {
    readonly reason: string;
    readonly scores: { readonly candidate: number | null; readonly current: number | null };
    readonly againstCurrent: { wins: number; losses: number; ties: number } | null;
  } | null;
  readonly task: { readonly id: string; readonly counts: { readonly items: number } } | null;
  readonly datasetVersion: {
    readonly exampleCount: number;
    readonly splits: readonly { readonly name: string; readonly exampleCount: number }[];
    readonly feedbackLoopRounds: readonly { readonly number: number }[];
  } | null;
  readonly experiment: { readonly id: string } | null;
  readonly model: { readonly id: string } | null;
  readonly evaluation: { readonly id: string } | null;
}

const loopFields = /* GraphQL */ `id status round problem { code message hint } currentModel { id } lastSeq
  rounds { number step outcome
    verdict { reason scores { candidate current } againstCurrent { wins losses ties } }
    task { id counts { items } } experiment { id } model { id } evaluation { id }
    datasetVersion { exampleCount splits { name exampleCount } feedbackLoopRounds { number } } }`;

interface Loop {
  readonly id: string;
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly currentModel: { readonly id: string } | null;
  readonly lastSeq: number;
  readonly rounds: readonly Round[];
}

const readLoop = async (id: string): Promise<Loop> =>
  (
    await platform.client.request<{ node: Loop }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackLoop { ${loopFields} } } }`,
      {
        id,
      },
    )
  ).node;

/** Events after `afterSeq`, until the loop ends or the connection does. */
async function* changes(id: string, afterSeq: number): AsyncGenerator<LoopEvent> {
  for await (const { feedbackLoopChanged } of platform.client.subscribe<{ feedbackLoopChanged: LoopEvent }>(
    `subscription ($id: ID!, $afterSeq: BigInt!) { feedbackLoopChanged(loopId: $id, afterSeq: $afterSeq) { __typename
       ... on SequencedLoopEvent { seq }
       ... on FeedbackLoopStatusChanged { to problem { code message } }
       ... on FeedbackLoopStepBegan { round step }
       ... on FeedbackLoopRoundEnded { round outcome } } }`,
    { id, afterSeq },
  )) {
    yield feedbackLoopChanged;
  }
}

/** Answers all that the round's task asks, as somebody who knows the topics. Waits until its items are there. */
async function answerRound(loopId: string, number: number): Promise<void> {
  let taskId: string | undefined;
  while (taskId === undefined) {
    taskId = (await readLoop(loopId)).rounds.find((round) => round.number === number)?.task?.id;
  }
  for await (const { feedbackActivity } of platform.client.subscribe<{ feedbackActivity: { to?: string } }>(
    `subscription ($id: ID!) { feedbackActivity(taskId: $id, afterSeq: 0) { ... on FeedbackStatusChanged { to } } }`,
    { id: taskId },
  )) {
    if (feedbackActivity.to !== undefined && feedbackActivity.to !== 'PREPARING') break;
  }
  for (;;) {
    const { claim } = await platform.client.mutate<{ claim: { id: string; item: { text: string } } | null }>(
      `mutation ($input: ClaimFeedbackItemInput!) { claimFeedbackItem(input: $input) {
         ... on ClaimedFeedbackItem { claim { id item { text } } } ${problems} } }`,
      { taskId },
    );
    if (claim === null) return;
    await platform.client.mutate(
      `mutation ($input: SubmitFeedbackInput!) { submitFeedback(input: $input) { ... on FeedbackAnswer { id } ${problems} } }`,
      { claimId: claim.id, value: { labels: { labels: [topicOf(claim.item.text)] } } },
    );
  }
}

const topicOf = (text: string): string => (/goalkeeper|striker/.test(text) ? 'sport' : 'food');

const create = (input: Record<string, unknown>): Promise<Loop> =>
  platform.client.mutate<Loop>(
    `mutation ($input: CreateFeedbackLoopInput!) { createFeedbackLoop(input: $input) {
       ... on FeedbackLoop { ${loopFields} } ${problems} } }`,
    input,
  );

test('two rounds, the API being killed whenever a step of the first has begun: each step is taken once, and all of it leads to the next', async () => {
  const baseModelId = (await findBaseModel(platform.client, 'use-lite')).id;
  const loop = await create({
    name: 'topics',
    baseModelId,
    rounds: 2,
    ask: {
      uncertain: { datasetVersionId: topics, split: 'pool', textColumn: 'text', classes: ['sport', 'food'], most: 20 },
    },
    training: {
      method: { supervised: {} },
      hyperparameters: { maxLength: 16, batchSize: 8, epochs: 2, seed: 5 },
    },
    measuring: { datasetVersionId: topics, split: 'test', textColumn: 'text' },
    alias: 'topics-live',
  });
  const events: LoopEvent[] = [];
  while (events.at(-1)?.to !== 'ENDED') {
    try {
      for await (const event of changes(loop.id, events.at(-1)?.seq ?? 0)) {
        events.push(event);
        if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
        if (event.step === undefined) continue;
        if (event.round! > 1) {
          if (event.step === 'ASKING') await answerRound(loop.id, event.round!);
          continue;
        }
        await platform.process.end('SIGKILL');
        platform = await startPlatform();
        if (event.step === 'ASKING') await answerRound(loop.id, event.round!);
        break;
      }
    } catch (error) {
      if (events.at(-1)?.to === 'FAILED') throw error;
      // The connection went with the server: it is asked for what came after the last event.
    }
  }
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const steps = ['MEASURING', 'ASKING', 'PREPARING', 'TRAINING', 'EVALUATING', 'DECIDING'];
  expect(events.flatMap(({ step, round }) => (step === undefined ? [] : [`${round} ${step}`]))).toEqual(
    [1, 2].flatMap((round) => steps.map((step) => `${round} ${step}`)),
  );
  const ended = await readLoop(loop.id);
  expect(ended).toMatchObject({ status: 'ENDED', problem: null });
  const [first, second] = ended.rounds;
  expect(first).toMatchObject({ outcome: 'PROMOTED', verdict: { reason: 'FIRST' } });
  expect(first!.task!.counts.items).toBe(20);
  expect(first!.datasetVersion).toMatchObject({ exampleCount: 20, splits: [{ name: 'train', exampleCount: 20 }] });
  expect(second!.datasetVersion).toMatchObject({ exampleCount: 40, feedbackLoopRounds: [{ number: 2 }] });
  expect(second!.verdict!.scores.current).toBe(first!.verdict!.scores.candidate);
  expect(second!.verdict!.scores.candidate).toBeGreaterThan(0.8);
  const { wins, losses, ties } = second!.verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(60);
  expect((wins - losses) / 60).toBeCloseTo(second!.verdict!.scores.candidate! - second!.verdict!.scores.current!, 9);
  // Nothing was begun twice: each project object of these kinds belongs to a round.
  const made = await platform.client.request<{
    project: {
      feedbackTasks: { totalCount: number };
      experiments: { totalCount: number };
      evaluations: { totalCount: number };
      modelAlias: { model: { id: string } };
    };
  }>(
    `{ project { feedbackTasks { totalCount } experiments { totalCount } evaluations { totalCount }
         modelAlias(name: "topics-live") { model { id } } } }`,
  );
  expect(made.project).toEqual({
    feedbackTasks: { totalCount: 2 },
    experiments: { totalCount: 2 },
    evaluations: { totalCount: 2 },
    modelAlias: { model: ended.currentModel },
  });
  // No row is asked about twice.
  const rows = await Promise.all(
    [first!, second!].map(async ({ task }) => {
      const { node } = await platform.client.request<{ node: { items: { nodes: { row: number }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 50) { nodes { row } } } } }',
        { id: task!.id },
      );
      return node.items.nodes.map(({ row }) => row);
    }),
  );
  expect(new Set(rows.flat()).size).toBe(40);
}, 600_000);
