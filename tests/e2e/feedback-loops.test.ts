import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { type LoopEvent, type LoopPlatform, startLoopPlatform, words } from '../support/loop-platform.js';
import { topicRows } from '../support/training.js';

/** Loops on a real platform with a real worker: a small classifier, models that write, and people by a script. */

let loops: LoopPlatform;
let topics: string;

beforeAll(async () => {
  loops = await startLoopPlatform();
  const rows = topicRows(160).map((row, i) => ({ ...row, part: i < 100 ? 'pool' : 'test' }));
  topics = await loops.createVersion('topics', rows);
}, 600_000);
afterAll(() => loops?.[Symbol.asyncDispose]());

test('two rounds, the API being killed whenever a step of the first has begun: each step is taken once, and all of it leads to the next', async () => {
  const baseModelId = (await findBaseModel(loops.client, 'use-lite')).id;
  const loop = await loops.createLoop({
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
      for await (const event of loops.changes(loop.id, events.at(-1)?.seq ?? 0)) {
        events.push(event);
        if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
        if (event.step === undefined) continue;
        if (event.round! > 1) {
          if (event.step === 'ASKING') await loops.answerRound(loop.id, event.round!);
          continue;
        }
        await loops.killApi();
        if (event.step === 'ASKING') await loops.answerRound(loop.id, event.round!);
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
  const ended = await loops.readLoop(loop.id);
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
  const made = await loops.client.request<{
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
      const { node } = await loops.client.request<{ node: { items: { nodes: { row: number }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 50) { nodes { row } } } } }',
        { id: task!.id },
      );
      return node.items.nodes.map(({ row }) => row);
    }),
  );
  expect(new Set(rows.flat()).size).toBe(40);
}, 600_000);

test('people compare what a model writes, it learns what they prefer, and they judge it against the former one and the first', async () => {
  const writer = (await findBaseModel(loops.client, 'gloss-lm')).id;
  const prompts = await loops.createVersion(
    'words',
    words.flatMap((word) => [
      { prompt: word, part: 'ask' },
      { prompt: `a ${word}`, part: 'judge' },
    ]),
  );
  const control = await loops.createVersion(
    'control texts',
    words.map((word) => ({ text: `the ${word} of a large place near the sea`, part: 'control' })),
  );
  const writing = { maxTokens: 8 };
  const { id } = await loops.createLoop({
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
  const { status, rounds, problem } = await loops.answerAll(id);
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
  const writer = (await findBaseModel(loops.client, 'gloss-lm')).id;
  const prompts = await loops.createVersion(
    'more words',
    words.map((word) => ({ prompt: `some ${word}`, part: 'ask' })),
  );
  const heldOut = await loops.createVersion(
    'held-out pairs',
    words.map((word) => ({ prompt: word, chosen: 'a thing', rejected: `a very long answer to ${word}`, part: 'test' })),
  );
  const { id } = await loops.createLoop({
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
  const { status, rounds, problem } = await loops.answerAll(id);
  expect({ status, problem }).toEqual({ status: 'ENDED', problem: null });
  expect(rounds[0]).toMatchObject({ outcome: 'PROMOTED', verdict: { reason: 'FIRST' } });
  const accuracy = rounds[0]!.verdict!.scores.candidate!;
  expect(accuracy * words.length).toBeCloseTo(Math.round(accuracy * words.length), 9);
}, 600_000);
