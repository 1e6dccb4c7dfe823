import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExperiment, findBaseModel } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, readExperiment, topicRows, uploadRows } from '../support/training.js';

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
}, 600_000);

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

interface Counts {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  readonly equal: number;
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

interface TaskOfRound {
  readonly id: string;
  readonly counts: { readonly items: number };
}

interface Round {
  readonly number: number;
  readonly step: string;
  readonly outcome: string | null;
  readonly modelJudgedCount: number | null;
  readonly verdict: {
    readonly reason: string;
    readonly scores: { readonly candidate: number | null; readonly current: number | null };
    readonly perplexity: Readonly<Record<'candidate' | 'current' | 'start', number | null>>;
    readonly preferenceAccuracy: Readonly<Record<'candidate' | 'current' | 'start', number | null>>;
    readonly againstCurrent: Counts | null;
    readonly againstStart: Counts | null;
  } | null;
  readonly task: TaskOfRound | null;
  readonly judgingTask: TaskOfRound | null;
  readonly startJudgingTask: TaskOfRound | null;
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
  rounds { number step outcome modelJudgedCount
    verdict { reason scores { candidate current } perplexity { candidate current start }
      preferenceAccuracy { candidate current start }
      againstCurrent { wins losses ties equal rate lower upper p } againstStart { wins losses ties equal } }
    task { id counts { items } } judgingTask { id counts { items } } startJudgingTask { id counts { items } }
    experiment { id } model { id } evaluation { id }
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
  await answerTask(taskId);
}

interface Asked {
  readonly text: string | null;
  readonly answers: readonly { readonly key: string; readonly text: string }[];
}

async function answerTask(taskId: string): Promise<void> {
  for await (const { feedbackActivity } of platform.client.subscribe<{ feedbackActivity: { to?: string } }>(
    `subscription ($id: ID!) { feedbackActivity(taskId: $id, afterSeq: 0) { ... on FeedbackStatusChanged { to } } }`,
    { id: taskId },
  )) {
    if (['OPEN', 'CLOSED', 'FAILED'].includes(feedbackActivity.to ?? '')) break;
  }
  for (;;) {
    // It closes with its last answer.
    const { node } = await platform.client.request<{ node: { status: string } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status } } }',
      { id: taskId },
    );
    if (node.status === 'CLOSED') return;
    const { claim } = await platform.client.mutate<{ claim: { id: string; item: Asked } | null }>(
      `mutation ($input: ClaimFeedbackItemInput!) { claimFeedbackItem(input: $input) {
         ... on ClaimedFeedbackItem { claim { id item { text answers { key text } } } } ${problems} } }`,
      { taskId },
    );
    if (claim === null) return;
    await platform.client.mutate(
      `mutation ($input: SubmitFeedbackInput!) { submitFeedback(input: $input) { ... on FeedbackAnswer { id } ${problems} } }`,
      { claimId: claim.id, value: answerTo(claim.item) },
    );
  }
}

/** Of texts the topic; of two answers the shorter one that says something. */
function answerTo({ text, answers }: Asked): Record<string, unknown> {
  if (text !== null) return { labels: { labels: [topicOf(text)] } };
  const length = (answer: string): number => answer.trim().length || Number.POSITIVE_INFINITY;
  const [one, other] = answers;
  return { pairwise: { preferred: (length(one!.text) < length(other!.text) ? one : other)!.key } };
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

/** A version of rows with the column `part` for their splits. */
async function createVersion(name: string, rows: readonly object[]): Promise<string> {
  const { latest } = await platform.client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name, uploadId: await uploadRows(platform.client, rows), splitColumn: 'part' },
  );
  return latest.id;
}

/** Answers everything that a loop asks, until it has ended. */
async function answerAll(id: string): Promise<Loop> {
  for await (const event of changes(id, 0)) {
    if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
    if (event.step === 'ASKING') await answerRound(id, event.round!);
    if (event.step !== 'JUDGING') continue;
    const answered = new Set<string>();
    for (;;) {
      const round = (await readLoop(id)).rounds.find(({ number }) => number === event.round)!;
      if (round.step !== 'JUDGING') break;
      for (const task of [round.judgingTask, round.startJudgingTask]) {
        if (task === null || answered.has(task.id)) continue;
        await answerTask(task.id);
        answered.add(task.id);
      }
    }
  }
  return readLoop(id);
}

const words = ['river', 'stone', 'to walk', 'bright', 'house', 'music', 'winter', 'to sing', 'bread', 'cloud'];

test('people compare what a model writes, it learns what they prefer, and they judge it against the former one and the first', async () => {
  const writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const prompts = await createVersion(
    'words',
    words.flatMap((word) => [
      { prompt: word, part: 'ask' },
      { prompt: `a ${word}`, part: 'judge' },
    ]),
  );
  const control = await createVersion(
    'control texts',
    words.map((word) => ({ text: `the ${word} of a large place near the sea`, part: 'control' })),
  );
  const writing = { maxTokens: 8 };
  const { id } = await create({
    name: 'shorter',
    baseModelId: writer,
    rounds: 2,
    ask: { pairs: { datasetVersionId: prompts, promptColumn: 'prompt', split: 'ask', most: 8, writing } },
    training: {
      method: {
        instructionTuning: {
          conversation: { promptCompletion: { promptColumn: 'prompt', completionColumn: 'chosen' } },
          unlearnable: 'LEAVE_OUT',
        },
      },
      hyperparameters: { epochs: 1, batchSize: 4, maxLength: 32, seed: 1 },
    },
    measuring: { datasetVersionId: control, split: 'control', textColumn: 'text' },
    judging: { datasetVersionId: prompts, promptColumn: 'prompt', split: 'judge', most: 6, writing },
    // Whatever people prefer: this is not about how well it learns.
    gate: { margin: 0.5, maxPerplexityRatio: 1000 },
  });
  const { status, rounds, problem } = await answerAll(id);
  expect({ status, problem }).toEqual({ status: 'ENDED', problem: null });
  const [first, second] = rounds;
  expect(rounds.map(({ outcome }) => outcome)).toEqual(['PROMOTED', 'PROMOTED']);
  const { verdict, judgingTask } = first!;
  const { wins, losses, ties, equal, rate, lower, upper } = verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(judgingTask!.counts.items + equal);
  expect(rate).toBeCloseTo((wins + ties / 2) / (judgingTask!.counts.items + equal), 12);
  expect(lower).toBeLessThanOrEqual(rate);
  expect(upper).toBeGreaterThanOrEqual(rate);
  expect(verdict!.againstCurrent).toMatchObject(verdict!.againstStart!);
  expect(first!.startJudgingTask).toBeNull();
  // The former model is another one than the first by now, and is judged by itself.
  expect(second!.startJudgingTask!.id).not.toBe(second!.judgingTask!.id);
  const against = second!.verdict!.againstStart!;
  expect(against.wins + against.losses + against.ties - against.equal).toBe(second!.startJudgingTask!.counts.items);
  // Each is measured on the same tokens, and the numbers of the first round are those of the second.
  expect(second!.verdict!.perplexity.current).toBe(first!.verdict!.perplexity.candidate);
  expect(second!.verdict!.perplexity.start).toBe(first!.verdict!.perplexity.start);
  expect(first!.verdict!.perplexity.start).toBeGreaterThan(1);
}, 600_000);

test('a reward model learns from pairs that another model writes, and is measured on pairs that it has not seen', async () => {
  const writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const prompts = await createVersion(
    'more words',
    words.map((word) => ({ prompt: `some ${word}`, part: 'ask' })),
  );
  const heldOut = await createVersion(
    'held-out pairs',
    words.map((word) => ({ prompt: word, chosen: 'a thing', rejected: `a very long answer to ${word}`, part: 'test' })),
  );
  const { id } = await create({
    name: 'what is short',
    baseModelId: writer,
    rounds: 1,
    ask: {
      pairs: {
        datasetVersionId: prompts,
        promptColumn: 'prompt',
        split: 'ask',
        most: 8,
        writerId: writer,
        writing: { maxTokens: 8 },
      },
    },
    training: {
      method: { rewardModelling: { unlearnable: 'LEAVE_OUT' } },
      hyperparameters: { epochs: 2, batchSize: 4, maxLength: 32, seed: 1 },
    },
    measuring: { datasetVersionId: heldOut, split: 'test' },
  });
  const { status, rounds, problem } = await answerAll(id);
  expect({ status, problem }).toEqual({ status: 'ENDED', problem: null });
  expect(rounds[0]).toMatchObject({ outcome: 'PROMOTED', verdict: { reason: 'FIRST' } });
  const accuracy = rounds[0]!.verdict!.scores.candidate!;
  expect(accuracy * words.length).toBeCloseTo(Math.round(accuracy * words.length), 9);
}, 600_000);

/** A reward model that prefers short answers, trained once. */
let ofShort: Promise<string> | undefined;
function shortIsBetter(baseModelId: string): Promise<string> {
  ofShort ??= (async () => {
    const pairs = await createVersion(
      'short and long',
      Array.from({ length: 60 }, (_, i) => ({
        prompt: `${words[i % 10]} ${i}`,
        chosen: ['a thing', 'a place', 'an act'][i % 3],
        rejected: `a very long answer that goes on about ${words[(i + 3) % 10]} and about ${words[(i + 7) % 10]}`,
        part: i < 40 ? 'train' : 'validation',
      })),
    );
    const { id } = await createExperiment(platform.client, {
      name: 'what is short',
      baseModelId,
      datasetVersionId: pairs,
      method: { rewardModelling: {} },
      hyperparameters: { epochs: 3, batchSize: 4, maxLength: 48, seed: 1 },
    });
    await allEvents(platform.client, id);
    return (await readExperiment(platform.client, id)).model!.id;
  })();
  return ofShort;
}

test('a reward model judges what a model writes, people the pairs that it is least sure of; it learns from all by DPO, and is judged by the reward model', async () => {
  const writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const rewardModelId = await shortIsBetter(writer);
  const prompts = await createVersion(
    'yet more words',
    words.flatMap((word) => [
      { prompt: `my ${word}`, part: 'ask' },
      { prompt: `your ${word}`, part: 'judge' },
    ]),
  );
  const heldOut = await createVersion(
    'pairs that nobody learns from',
    words.map((word) => ({ prompt: word, chosen: 'a thing', rejected: `a long answer to ${word}`, part: 'test' })),
  );
  const of = { datasetVersionId: prompts, promptColumn: 'prompt', most: 10, writing: { maxTokens: 16 } };
  const input = {
    name: 'judged by a model',
    baseModelId: writer,
    rounds: 1,
    ask: { pairs: { ...of, split: 'ask', judge: { modelId: rewardModelId, toPeople: 2 } } },
    training: {
      method: { preferenceOptimization: {} },
      hyperparameters: { epochs: 1, batchSize: 4, maxLength: 32, seed: 1 },
    },
    judging: { ...of, split: 'judge', rewardModelId },
    preferences: { datasetVersionId: heldOut, split: 'test' },
    gate: { margin: 0.5, maxPreferenceDrop: 1 },
  };
  await expect(create({ ...input, judging: { ...input.judging, rewardModelId: writer } })).rejects.toThrow(
    'NO_HEAD (at judging.rewardModelId)',
  );
  const { id } = await create(input);
  for await (const event of changes(id, 0)) {
    if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
    if (event.step === 'ASKING') await answerRound(id, event.round!);
  }
  const [round] = (await readLoop(id)).rounds;
  const { wins, losses, ties, equal } = round!.verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(round!.judgingTask!.counts.items + equal);
  const { candidate, current, start } = round!.verdict!.preferenceAccuracy;
  expect(current).toBe(start);
  for (const accuracy of [candidate!, current!]) expect(accuracy * 10).toBeCloseTo(Math.round(accuracy * 10), 9);
  const { task, modelJudgedCount, datasetVersion } = round!;
  expect(modelJudgedCount).toBe(task!.counts.items - 2);
  expect(datasetVersion!.exampleCount).toBe(task!.counts.items);
  const { node } = await platform.client.request<{
    node: { items: { nodes: { answerCount: number; modelJudgement: { gap: number; model: object } | null }[] } };
  }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 50) { nodes {
       answerCount modelJudgement { gap probability model { id } } } } } } }`,
    { id: task!.id },
  );
  const judgements = node.items.nodes.map(({ modelJudgement }) => modelJudgement);
  expect(judgements.filter((each) => (each?.gap ?? 0) > 0)).toHaveLength(modelJudgedCount!);
  expect(judgements.find((each) => each !== null)!.model).toEqual({ id: rewardModelId });
  expect(node.items.nodes.map(({ answerCount }) => answerCount)).toEqual(
    judgements.map((each) => (each === null ? 1 : 0)),
  );
  expect(await statusOf(round!.judgingTask!.id)).toEqual({ status: 'CLOSED', counts: { answers: 0 } });
}, 600_000);

async function statusOf(taskId: string): Promise<object> {
  const { node } = await platform.client.request<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status counts { answers } } } }',
    { id: taskId },
  );
  return node;
}

test('nobody is asked: a reward model says what is better of what the model writes, and judges it', async () => {
  const writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const rewardModelId = await shortIsBetter(writer);
  const prompts = await createVersion(
    'words for nobody',
    words.flatMap((word) => [
      { prompt: `his ${word}`, part: 'train' },
      { prompt: `her ${word}`, part: 'judge' },
    ]),
  );
  const { id } = await create({
    name: 'rewarded',
    baseModelId: writer,
    rounds: 1,
    ask: { nobody: { datasetVersionId: prompts, split: 'train' } },
    training: {
      method: {
        policyOptimization: {
          promptColumn: 'prompt',
          rewards: [{ name: 'short', by: { rewardModel: { modelId: rewardModelId } } }],
          samples: 2,
          maxTokens: 8,
        },
      },
      hyperparameters: { epochs: 1, batchSize: 4, maxLength: 32, seed: 1 },
    },
    judging: {
      datasetVersionId: prompts,
      promptColumn: 'prompt',
      split: 'judge',
      most: 6,
      writing: { maxTokens: 8 },
      rewardModelId,
    },
    gate: { margin: 0.5 },
  });
  for await (const event of changes(id, 0)) {
    if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
    expect(['ASKING', 'PREPARING']).not.toContain(event.step);
  }
  const { status, rounds } = await readLoop(id);
  expect(status).toBe('ENDED');
  const [round] = rounds;
  expect(round).toMatchObject({ task: null, datasetVersion: { feedbackLoopRounds: [{ number: 1 }] } });
  const { wins, losses, ties, equal } = round!.verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(round!.judgingTask!.counts.items + equal);
  expect(await statusOf(round!.judgingTask!.id)).toEqual({ status: 'CLOSED', counts: { answers: 0 } });
}, 600_000);
