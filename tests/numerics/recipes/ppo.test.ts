import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../gpu-worker/forward/ready-model.js';
import { openRewardModel } from '../../../gpu-worker/forward/reward-model.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { rolloutRows } from '../../../gpu-worker/rollouts/rollout-rows.js';
import { isPpo, openValueModel } from '../../../gpu-worker/training/policy/value-model.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { encodeExchange, exchangeOfText } from '../../../src/conversations/index.js';
import { ppo, rewardModellingSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { mean, openPolicyWorkshop, values } from './policy-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

/** PPO on the toy task “shorter answers”. */

let workshop: Awaited<ReturnType<typeof openPolicyWorkshop>>;
beforeAll(async () => {
  workshop = await openPolicyWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe('a policy that is rewarded for shorter answers', () => {
  it.each([
    ['values of their own', {}],
    ['an adapter', { adapter: lora, learningRate: 3e-2 }],
  ])('writes them, with %s', async (_, h) => {
    const choice = { samples: 4, iterations: 2, algorithm: { ...ppo, miniBatches: 2, valueLearningRate: 1e-2 } };
    const run = await workshop.finish(choice, { epochs: 2, ...h });
    const lengths = values(run.series('train/length'));
    expect(mean(lengths.slice(-4))).toBeLessThan(0.75 * mean(lengths.slice(0, 4)));
    expect(last(run.series('validation/reward'))).toBeGreaterThan(run.series('validation/reward').get(0)!);
    const losses = values(run.series('train/valueLoss'));
    expect(mean(losses.slice(-4))).toBeLessThan(mean(losses.slice(0, 4)));
    expect(Math.max(...values(run.series('train/logProbabilityGap')))).toBeLessThan(1e-4);
  });
});

describe('the first update', () => {
  it('has ratios of 1 and the loss 0, and values of 0 that explain nothing', async () => {
    const run = await workshop.finish({ samples: 4, algorithm: ppo });
    expect(run.series('train/policyLoss').get(1)).toBeCloseTo(0, 4);
    expect(run.series('train/gradientNorm').get(1)).toBeGreaterThan(0.001);
    expect(run.series('train/leastRatio').get(1)).toBeCloseTo(1, 3);
    expect(run.series('train/mostRatio').get(1)).toBeCloseTo(1, 3);
    expect(run.series('train/value').get(1)).toBe(0);
    expect(run.series('train/explainedVariance').get(1)).toBeCloseTo(0, 6);
    expect(run.series('train/kl').get(1)).toBeCloseTo(0, 6);
    expect(run.logged()).toContain('The value model starts from the base model, and expects 0');
  });
});

describe('a warm-up of values', () => {
  it('leaves the policy as it is', async () => {
    const run = await workshop.finish({ samples: 2, algorithm: { ...ppo, valueWarmupSteps: 12 } });
    expect(last(run.series('validation/kl'))).toBeCloseTo(0, 6);
    expect(run.series('train/policyLoss').size).toBe(0);
    const losses = values(run.series('train/valueLoss'));
    expect(mean(losses.slice(-3))).toBeLessThan(mean(losses.slice(0, 3)));
  });
});

describe('the adaptive weight', () => {
  it('falls while the divergence is below its target', async () => {
    const algorithm = { ...ppo, klWeight: 0.1, adaptiveKl: { target: 1000, horizon: 100 } };
    const weights = values((await workshop.finish({ samples: 2, algorithm })).series('train/klWeight'));
    // Eight completions: 1 − 0.2 · 8 / 100 a step.
    for (const [step, weight] of weights.entries()) expect(weight).toBeCloseTo(0.1 * 0.984 ** step, 6);
  });
});

describe('a run that is interrupted', () => {
  it('ends with the same bytes, its values and its weight of the divergence among them', async () => {
    const adaptiveKl = { target: 0.5, horizon: 50 };
    const algorithm = { ...ppo, miniBatches: 2, adaptiveKl, valueWarmupSteps: 2, valueLearningRate: 1e-2 };
    await workshop.expectSameBytes({ samples: 2, iterations: 2, algorithm }, ['train/valueLoss', 'train/klWeight']);
  });
});

describe('a value model', () => {
  it('begins as a reward model: before a text goes on, it expects the reward of the text, by its weight', async () => {
    const { engine, store } = workshop.tools;
    const pairs = Array.from({ length: 48 }, (_, index) => ({
      split: index % 3 === 2 ? 'validation' : 'train',
      chosen: `the ${index % 2 === 0 ? 'red' : 'blue'} cat runs`,
      rejected: `the ${index % 2 === 0 ? 'red' : 'blue'} dog runs`,
    }));
    const columns = { chosen: 'VARCHAR', rejected: 'VARCHAR' };
    const spec = rewardModellingSpec({
      baseModelDigest: workshop.common.baseModelDigest,
      datasetDigest: await writeTable(store, workshop.folder, columns, pairs),
      preference: {
        kind: 'pairs',
        promptColumn: null,
        chosenColumn: 'chosen',
        rejectedColumn: 'rejected',
        strengthColumn: null,
        probabilityColumn: null,
      },
      hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 10, learningRate: 5e-3 },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
    const modelDigest = outcome.model!.digest;
    const valueModel = { modelId: '019a0000-0000-7000-8000-000000000001', modelDigest };
    const rewards = [{ name: 'judge', weight: 2, source: { kind: 'rewardModel', ...valueModel } }] as const;
    const choice = { rewards: [...rewards], algorithm: { ...ppo, valueModel, valueLearningRate: 1e-3 } };

    const texts = ['the red cat runs', 'a dog sleeps here', 'now'];
    await using judge = await opened(openRewardModel(engine, store, modelDigest));
    const scores = await judge.score(
      texts.map((completion) => ({ prompt: null, completion })),
      () => undefined,
    );
    await using reading = await opened(openModel(engine, store, modelDigest));
    const asked = texts.map((text) => encodeExchange(exchangeOfText(null, text), reading.answers!));
    const base = await loadModel(store, workshop.common.baseModelDigest);
    const of = workshop.specOf(choice);
    if (!isPpo(of)) throw new Error('PPO is expected');
    await using values = await opened(openValueModel(workshop.tools, base, of, 2));
    await base.weights.close();
    const rows = rolloutRows(
      asked.map(({ ids }) => ({ ids: [...ids] })),
      texts.map((_, prompt) => ({ prompt, ids: Int32Array.of(1) })),
    );
    const expected = await values.values(rows, () => undefined);
    expect(expected.length).toBe(texts.length);
    for (const [index, value] of expected.entries()) expect(value).toBeCloseTo(2 * scores[index]!, 4);

    const run = await workshop.finish({ samples: 2, ...choice });
    expect(run.logged()).toContain('The value model starts from a reward model');
    expect(run.series('train/value').get(1)).not.toBe(0);
  });

  it('that does not fit is refused', async () => {
    const modelDigest = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
    const algorithm = { ...ppo, valueModel: { modelId: '019a0000-0000-7000-8000-000000000000', modelDigest } };
    const outcome = await train(jobOf(workshop.specOf({ algorithm })), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'INVALID_VALUE', path: ['method', 'policyOptimization', 'algorithm', 'ppo', 'valueModelId'] },
    });
  });
});

/** What is released at the end of its scope. */
async function opened<Opened extends { release(): Promise<void> }>(opening: Promise<Opened>) {
  const found = await opening;
  return { ...found, [Symbol.asyncDispose]: () => found.release() };
}
