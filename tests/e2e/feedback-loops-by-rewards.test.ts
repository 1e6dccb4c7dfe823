import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExperiment, findBaseModel } from '../../src/demo/operations.js';
import { type LoopPlatform, startLoopPlatform, words } from '../support/loop-platform.js';
import { allEvents, readExperiment } from '../support/training.js';

/** Loops in which a reward model says what is better, beside people or in their place. */

let loops: LoopPlatform;
beforeAll(async () => {
  loops = await startLoopPlatform();
}, 600_000);
afterAll(() => loops?.[Symbol.asyncDispose]());

/** A reward model that prefers short answers, trained once. */
let ofShort: Promise<string> | undefined;
function shortIsBetter(baseModelId: string): Promise<string> {
  ofShort ??= (async () => {
    const pairs = await loops.createVersion(
      'short and long',
      Array.from({ length: 60 }, (_, i) => ({
        prompt: `${words[i % 10]} ${i}`,
        chosen: ['a thing', 'a place', 'an act'][i % 3],
        rejected: `a very long answer that goes on about ${words[(i + 3) % 10]} and about ${words[(i + 7) % 10]}`,
        part: i < 40 ? 'train' : 'validation',
      })),
    );
    const { id } = await createExperiment(loops.client, {
      name: 'what is short',
      baseModelId,
      datasetVersionId: pairs,
      method: { rewardModelling: {} },
      hyperparameters: { epochs: 3, batchSize: 4, maxLength: 48, seed: 1 },
    });
    await allEvents(loops.client, id);
    return (await readExperiment(loops.client, id)).model!.id;
  })();
  return ofShort;
}

async function statusOf(taskId: string): Promise<object> {
  const { node } = await loops.client.request<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status counts { answers } } } }',
    { id: taskId },
  );
  return node;
}

test('a reward model judges what a model writes, people the pairs that it is least sure of; it learns from all by DPO, and is judged by the reward model', async () => {
  const writer = (await findBaseModel(loops.client, 'gloss-lm')).id;
  const rewardModelId = await shortIsBetter(writer);
  const prompts = await loops.createVersion(
    'yet more words',
    words.flatMap((word) => [
      { prompt: `my ${word}`, part: 'ask' },
      { prompt: `your ${word}`, part: 'judge' },
    ]),
  );
  const heldOut = await loops.createVersion(
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
  await expect(loops.createLoop({ ...input, judging: { ...input.judging, rewardModelId: writer } })).rejects.toThrow(
    'NO_HEAD (at judging.rewardModelId)',
  );
  const { id } = await loops.createLoop(input);
  for await (const event of loops.changes(id, 0)) {
    if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
    if (event.step === 'ASKING') await loops.answerRound(id, event.round!);
  }
  const [round] = (await loops.readLoop(id)).rounds;
  const { wins, losses, ties, equal } = round!.verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(round!.judgingTask!.counts.items + equal);
  const { candidate, current, start } = round!.verdict!.preferenceAccuracy;
  expect(current).toBe(start);
  for (const accuracy of [candidate!, current!]) expect(accuracy * 10).toBeCloseTo(Math.round(accuracy * 10), 9);
  const { task, modelJudgedCount, datasetVersion } = round!;
  expect(modelJudgedCount).toBe(task!.counts.items - 2);
  expect(datasetVersion!.exampleCount).toBe(task!.counts.items);
  const { node } = await loops.client.request<{
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

test('nobody is asked: a reward model says what is better of what the model writes, and judges it', async () => {
  const writer = (await findBaseModel(loops.client, 'gloss-lm')).id;
  const rewardModelId = await shortIsBetter(writer);
  const prompts = await loops.createVersion(
    'words for nobody',
    words.flatMap((word) => [
      { prompt: `his ${word}`, part: 'train' },
      { prompt: `her ${word}`, part: 'judge' },
    ]),
  );
  const { id } = await loops.createLoop({
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
  for await (const event of loops.changes(id, 0)) {
    if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
    expect(['ASKING', 'PREPARING']).not.toContain(event.step);
  }
  const { status, rounds } = await loops.readLoop(id);
  expect(status).toBe('ENDED');
  const [round] = rounds;
  expect(round).toMatchObject({ task: null, datasetVersion: { feedbackLoopRounds: [{ number: 1 }] } });
  const { wins, losses, ties, equal } = round!.verdict!.againstCurrent!;
  expect(wins + losses + ties).toBe(round!.judgingTask!.counts.items + equal);
  expect(await statusOf(round!.judgingTask!.id)).toEqual({ status: 'CLOSED', counts: { answers: 0 } });
}, 600_000);
