import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRewardModel } from '../../../gpu-worker/forward/reward-model.js';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { openRewards } from '../../../gpu-worker/rewards/open-rewards.js';
import { inOrder } from '../../../gpu-worker/short-jobs/rerank.js';
import { createShortJobs, type ShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { GenerationEvent, Prompt } from '../../../src/protocol/generation.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import type { Reward, RewardSource } from '../../../src/protocol/rewards/reward-spec.js';
import { multiTaskSpec, rewardModellingSpec, task } from '../../support/specs.js';
import { jobOf } from '../recipes/head-workshop.js';
import { recordingContext } from '../recipes/recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTable, writeTinyModel } from '../recipes/support.js';
import { writeTinyEncoder } from '../recipes/tiny-encoders.js';

/** Answers that are scored and put in order: by a rule, by a classifier's label and by a reward model, all trained. */

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let jobs: ShortJobs;
let writer: string;
let classifier: string;
let judge: string;

async function trained(spec: RunSpec): Promise<string> {
  const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return outcome.model.digest;
}

beforeAll(async () => {
  workshop = await openWorkshop();
  const { store, folder, tools } = workshop;
  jobs = createShortJobs(tools.engine, store, 1e9);
  writer = await writeTinyEncoder(store, 'llama', { languageModel: true });
  classifier = await trained(
    multiTaskSpec({
      baseModelDigest: await writeTinyModel(store, 1, 4),
      datasetDigest: await writeDataset(store, folder, sentences(120, { maxFiller: 4 })),
      tasks: [task('colour', ['blue', 'red']), task('animal', ['cat', 'dog'])],
      hyperparameters: { ...defaults, epochs: 4, dropout: 0 },
    }),
  );
  // Cats are better than dogs.
  const pairs = Array.from({ length: 48 }, (_, i) => ({
    split: i % 4 === 3 ? 'validation' : 'train',
    prompt: ['the red', 'a blue', 'here the'][i % 3]!,
    chosen: ` cat ${['runs', 'sleeps', 'now', 'here'][Math.floor(i / 3) % 4]}`,
    rejected: ` dog ${['runs', 'sleeps', 'now', 'here'][Math.floor(i / 3) % 4]}`,
    strength: 1,
  }));
  const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR', strength: 'DOUBLE' };
  judge = await trained(
    rewardModellingSpec({
      baseModelDigest: await writeTinyEncoder(store, 'bert'),
      datasetDigest: await writeTable(store, folder, columns, pairs),
      hyperparameters: { ...defaults, dropout: 0, epochs: 8, learningRate: 5e-3 },
    }),
  );
}, 120_000);
afterAll(async () => {
  await jobs?.release();
  await workshop?.[Symbol.asyncDispose]();
});

const prompts: readonly Prompt[] = [
  { kind: 'text', text: 'the red' },
  { kind: 'text', text: 'a blue' },
];
const reward = (name: string, weight: number, source: RewardSource): Reward => ({ name, weight, source });
const byLength = reward('short', 0.1, { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 1 } });
const byLabel = (): Reward =>
  reward('cat', 2, {
    kind: 'label',
    modelId: randomUUID(),
    modelDigest: classifier,
    task: 'animal',
    label: 'cat',
    withPrompt: false,
  });
const byModel = (modelDigest = judge): Reward =>
  reward('judge', 1, { kind: 'rewardModel', modelId: randomUUID(), modelDigest });

async function write(rewards: readonly Reward[] | null, samples = 6) {
  const events: GenerationEvent[] = [];
  const { context } = recordingContext();
  const outcome = await jobs.run(
    {
      kind: 'generate',
      generationId: randomUUID(),
      modelDigest: writer,
      prompts: [...prompts],
      settings: {
        sampling: { ...likeliestTokens, temperature: 1.3, seed: 7 },
        maxTokens: 5,
        stop: [],
        samples,
        topLogProbabilities: null,
        constraint: null,
        weights: 'float32',
        ...(rewards !== null && { rerank: { rewards: [...rewards], keep: 2 } }),
      },
    },
    { ...context, generated: (some) => events.push(...some) },
  );
  const texts = prompts.map(() => Array.from({ length: samples }, () => ''));
  const counts = prompts.map(() => Array.from({ length: samples }, () => 0));
  for (const event of events) {
    if (event.kind === 'tokens') texts[event.prompt]![event.sample] += event.text;
    if (event.kind === 'answered') counts[event.prompt]![event.sample] = event.tokenCount;
  }
  const ranked = events.flatMap((event) => (event.kind === 'ranked' ? [event] : []));
  return { outcome, events, texts, counts, ranked };
}

async function probabilities(texts: readonly string[]): Promise<readonly number[]> {
  const outcome = await jobs.run(
    { kind: 'predict', modelDigest: classifier, texts: [...texts], pairs: null },
    recordingContext().context,
  );
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'predict') throw new Error(JSON.stringify(outcome));
  return outcome.result.predictions.map(({ tasks }) => {
    const animal = tasks.find((each) => each.task === 'animal');
    if (animal?.kind !== 'classification') throw new Error('no such head');
    return animal.labels.find(({ label }) => label === 'cat')!.probability;
  });
}

describe('answers with rewards', () => {
  it('are what they are without, and then put in order by what the models themselves say of them', async () => {
    const { outcome, events, texts, counts, ranked } = await write([byLength, byLabel(), byModel()]);
    expect(outcome).toMatchObject({ kind: 'finished', result: { kind: 'generate' } });
    const plain = await write(null);
    expect(plain.ranked).toEqual([]);
    expect(texts).toEqual(plain.texts);
    // The order comes after everything that was written.
    expect(events.slice(-2)).toEqual(ranked);
    expect(ranked.map(({ prompt }) => prompt)).toEqual([0, 1]);

    const scorer = await openRewardModel(workshop.tools.engine, workshop.store, judge);
    for (const { prompt, answers } of ranked) {
      const said = texts[prompt]!;
      expect(new Set(said).size).toBeGreaterThan(2);
      expect(answers.map(({ sample }) => sample).sort()).toEqual([0, 1, 2, 3, 4, 5]);
      const spoken = said.map((text) => (text.trim() === '' ? 'red' : text));
      const labels = await probabilities(spoken);
      const completions = said.map((completion) => ({ prompt: prompts[prompt]!, completion }));
      const judged = await scorer.score(completions, () => undefined);
      const worth = answers.map(({ sample, reward: total, bySource }) => {
        const [short, cat, judgement] = bySource;
        const length = counts[prompt]![sample]!;
        expect(short).toBe(length === 0 ? 0 : -length);
        expect(judgement).toBeCloseTo(judged[sample]!, 4);
        if (said[sample]!.trim() === '') {
          expect([cat, total]).toEqual([null, null]);
          return Number.NEGATIVE_INFINITY;
        }
        expect(cat).toBeCloseTo(labels[sample]!, 5);
        expect(total).toBeCloseTo(0.1 * short! + 2 * cat! + judgement!, 9);
        return total!;
      });
      expect(worth).toEqual([...worth].sort((a, b) => b - a));
      expect(worth[0]).toBeGreaterThan(worth.at(-1)!);
    }
    await scorer.release();
  });

  it('fail as a whole where a model that scores is gone, and say which reward it is', async () => {
    const { outcome, ranked } = await write([byLength, byModel('0'.repeat(64))], 2);
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'MISSING_ARTIFACT' } });
    expect(outcome.kind === 'failed' && outcome.problem.path.slice(0, 3)).toEqual(['rerank', 'rewards', '1']);
    expect(ranked).toEqual([]);
  });
});

it('a classifier gives a list of rewards the probability of a label, and none to an empty text', async () => {
  const services = { rewardKey: '', allowPrivate: '' };
  const open = await openRewards([byLabel()], { ...workshop.tools, services, beat: () => undefined });
  const texts = ['the cat runs', 'the dog runs', ' '];
  const completions = texts.map((text) => ({ prompt: prompts[0]!, text, tokenCount: 3, row: {} }));
  const { total, bySource } = await open.score(completions);
  await open.release();
  const [cat, dog] = await probabilities(texts.slice(0, 2));
  expect(bySource[0]!.values[0]).toBeCloseTo(cat!, 6);
  expect(bySource[0]!.values[1]).toBeCloseTo(dog!, 6);
  expect(cat).toBeGreaterThan(dog!);
  expect(total[0]).toBeCloseTo(2 * cat!, 6);
  expect(total[2]).toBeNaN();
});

describe('an answer that says nothing', () => {
  const texts = [' cat runs', '', ' \n'];
  const completions = texts.map((text) => ({ prompt: prompts[0]!, text, tokenCount: 2 * text.trim().length, row: {} }));
  const services = { rewardKey: '', allowPrivate: '' };

  async function scored(...rewards: readonly Reward[]) {
    const open = await openRewards(rewards, { ...workshop.tools, services, beat: () => undefined });
    const scores = await open.score(completions);
    await open.release();
    return scores;
  }

  it('is scored by a reward model as any other, so that a penalty on length does not make it the best', async () => {
    const { total, bySource } = await scored(byModel(), byLength);
    const scorer = await openRewardModel(workshop.tools.engine, workshop.store, judge);
    const alone = await scorer.score([{ prompt: prompts[0]!, completion: '' }], () => undefined);
    await scorer.release();
    const [model, rule] = bySource.map(({ values }) => values);
    expect(model![1]).toBeCloseTo(alone[0]!, 5);
    expect(model![2]).toBeCloseTo(alone[0]!, 5);
    expect(model![0]).toBeGreaterThan(model![1]!);
    for (const i of completions.keys()) expect(total[i]).toBeCloseTo(model![i]! + 0.1 * rule![i]!, 9);
  });

  it('has no total where a classifier has to judge it, whatever the other rewards say', async () => {
    const { total, bySource } = await scored(byLabel(), byLength, byModel());
    expect(total[0]).not.toBeNaN();
    expect([...total.slice(1)]).toEqual([Number.NaN, Number.NaN]);
    expect([...bySource[0]!.values.slice(1)]).toEqual([Number.NaN, Number.NaN]);
    expect(bySource[1]!.values[1]).toBe(0);
  });
});

it('answers without a reward are last, and of equal ones the earlier comes first', () => {
  const none = Number.NaN;
  const scores = {
    total: Float64Array.of(9, none, 1, 2, 1, none),
    bySource: [{ name: 'a', weight: 1, values: Float64Array.of(9, none, 1, 2, 1, none) }],
  };
  expect(inOrder(scores, 1, 5)).toEqual([
    { sample: 2, reward: 2, bySource: [2] },
    { sample: 1, reward: 1, bySource: [1] },
    { sample: 3, reward: 1, bySource: [1] },
    { sample: 0, reward: null, bySource: [null] },
    { sample: 4, reward: null, bySource: [null] },
  ]);
});
