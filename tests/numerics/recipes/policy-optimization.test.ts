import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { Reward } from '../../../src/protocol/rewards/reward-spec.js';
import { grpo, type PolicyChoice, policySpec, rloo } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, words, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let common: { readonly baseModelDigest: string; readonly datasetDigest: string };

/** Prompts of two to five words, with a word that is to be avoided. */
const rows = Array.from({ length: 64 }, (_, index) => ({
  split: index % 4 === 3 ? 'validation' : 'train',
  prompt: Array.from({ length: 2 + (index % 4) }, (_, place) => words[(3 * index + place) % words.length]).join(' '),
  avoided: words[index % words.length]!,
}));

beforeAll(async () => {
  workshop = await openWorkshop();
  const columns = { prompt: 'VARCHAR', avoided: 'VARCHAR' };
  common = {
    baseModelDigest: await writeTinyEncoder(workshop.store, 'llama', { languageModel: true }),
    datasetDigest: await writeTable(workshop.store, workshop.folder, columns, rows),
  };
});
afterAll(() => workshop[Symbol.asyncDispose]());

const usual: Partial<Hyperparameters> = {
  ...defaults,
  dropout: null,
  maxLength: 36,
  batchSize: 4,
  learningRate: 1e-2,
  warmupRatio: 0,
  schedule: 'constant',
  epochs: 1,
};

const specOf = (choice: PolicyChoice = {}, h: Partial<Hyperparameters> = {}) =>
  policySpec({ ...common, samples: 8, maxTokens: 12, ...choice, hyperparameters: { ...usual, ...h } });

async function finish(...given: Parameters<typeof specOf>) {
  const recorded = recordingContext();
  const outcome = await train(jobOf(specOf(...given)), recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  const { result, model } = outcome;
  if (result.kind !== 'train') throw new Error('a training is expected');
  return { ...recorded, model, findings: result.findings ?? [] };
}

const values = (series: ReadonlyMap<number, number | null>) => [...series.values()].map((value) => value!);
const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

const rule = (name: string, of: (Reward['source'] & { kind: 'rule' })['rule'], weight = 1): Reward => ({
  name,
  weight,
  source: { kind: 'rule', rule: of },
});

describe('a policy that is rewarded for shorter answers', () => {
  it.each([
    ['GRPO', {}],
    ['Dr. GRPO', { algorithm: { ...grpo, scaling: 'none', aggregation: 'constant' } }],
    ['GRPO by the mean over each completion’s tokens', { algorithm: { ...grpo, aggregation: 'sequence' } }],
    ['GSPO', { algorithm: { ...grpo, ratioOf: 'completion', aggregation: 'sequence' } }],
    ['GRPO with a divergence in the loss', { algorithm: { ...grpo, klWeight: 0.05 } }],
    ['GRPO in two iterations', { iterations: 2 }],
    ['RLOO', { algorithm: { ...rloo, klWeight: 0.005 } }],
    ['RLOO with normalized advantages', { algorithm: { ...rloo, klWeight: 0.005, normalizesAdvantages: true } }],
  ] satisfies [string, PolicyChoice][])('writes them within 20 steps: %s', async (_, choice) => {
    const run = await finish(choice, { epochs: 2, adapter: null });
    const lengths = values(run.series('train/length'));
    expect(lengths).toHaveLength(24);
    expect(mean(lengths.slice(17, 20))).toBeLessThan(0.75 * mean(lengths.slice(0, 3)));
    const measured = values(run.series('validation/length'));
    expect(last(run.series('validation/reward'))).toBeGreaterThan(run.series('validation/reward').get(0)!);
    expect(measured.at(-1)).toBeLessThan(measured[0]!);
    // Fewer are cut off by the limit: each of those has all of its 12 tokens, so that the others bound their share.
    const cut = values(run.series('train/truncatedShare'));
    expect(cut[0]).toBeGreaterThan(0);
    expect(mean(cut.slice(17, 20))).toBeLessThan(mean(cut.slice(0, 3)));
    for (const [update, length] of lengths.entries()) expect(cut[update]).toBeLessThanOrEqual(length / 12);
    expect(run.series('validation/kl').get(0)).toBeCloseTo(0, 6);
    expect(last(run.series('validation/kl'))).toBeGreaterThan(0.05);
  });

  it('writes them with an adapter, too', async () => {
    const run = await finish({}, { epochs: 2, adapter: lora, learningRate: 3e-2 });
    const lengths = values(run.series('train/length'));
    expect(mean(lengths.slice(-4))).toBeLessThan(0.75 * mean(lengths.slice(0, 4)));
    expect(Math.max(...values(run.series('train/logProbabilityGap')))).toBeLessThan(1e-4);
  });
});

describe('the first update', () => {
  it('has the loss 0 and a gradient that is not', async () => {
    const run = await finish({ algorithm: { ...grpo, aggregation: 'sequence' } });
    expect(run.series('train/policyLoss').get(1)).toBeCloseTo(0, 4);
    expect(run.series('train/gradientNorm').get(1)).toBeGreaterThan(0.01);
    expect(run.series('train/leastRatio').get(1)).toBeCloseTo(1, 3);
    expect(run.series('train/mostRatio').get(1)).toBeCloseTo(1, 3);
    for (const gap of values(run.series('train/logProbabilityGap'))) expect(gap).toBeLessThan(1e-4);
    expect(run.series('train/kl').size).toBe(0);
  });

  it('is followed by others on the same completions, whose ratios leave 1 and are clipped', async () => {
    const run = await finish({ iterations: 4 }, { learningRate: 3e-2 });
    expect(Math.max(...values(run.series('train/mostRatio')))).toBeGreaterThan(1.2);
    expect(Math.max(...values(run.series('train/clippedHigh')))).toBeGreaterThan(0);
    expect(run.series('train/logProbabilityGap').get(1)).toBeLessThan(1e-4);
  });
});

describe('rewards', () => {
  it('are measured each by its name, and read columns of the prompts', async () => {
    const rewards = [
      rule('avoids', { kind: 'forbiddenWords', words: [], columns: ['avoided'], ignoreCase: true }),
      rule('short', { kind: 'lengthCost', unit: 'tokens', cost: 0.05 }, 0.5),
    ];
    const controlRewards = [rule('plain', { kind: 'repetition', n: 2 })];
    const run = await finish({ rewards, controlRewards }, { epochs: 2 });
    const [first, ...others] = ['avoids/reward', 'short/reward', 'plain/control'].map((key) =>
      run.series(`validation/${key}`).get(0),
    );
    expect(first).toBeLessThan(0);
    for (const value of others) expect(value).toBeLessThanOrEqual(0);
    expect(run.series('validation/reward').get(0)).toBeCloseTo(first! + 0.5 * others[0]!, 5);
    expect(last(run.series('validation/reward'))).toBeGreaterThan(run.series('validation/reward').get(0)!);
  });

  it('that never differ teach nothing, and a finding says so', async () => {
    const rewards = [rule('same', { kind: 'lengthRange', unit: 'tokens', least: 0, most: null })];
    const run = await finish({ rewards });
    expect(values(run.series('train/equalGroups'))).toEqual(Array(12).fill(1));
    expect(values(run.series('train/gradientNorm'))).toEqual(Array(12).fill(0));
    expect(run.findings).toContainEqual({ code: 'REWARDS_RARELY_DIFFER', groups: 48, equalGroups: 48 });
  });

  it('that seldom differ are sought among other prompts', async () => {
    const rewards = [rule('one', { kind: 'lengthRange', unit: 'tokens', least: 0, most: 1 })];
    const algorithm = { ...grpo, replacementRounds: 2 };
    const run = await finish({ rewards, algorithm, samples: 2 });
    expect(Math.max(...values(run.series('train/replacements')))).toBeGreaterThan(0);
    expect(run.series('train/equalGroups').get(1)).toBeGreaterThan(0);
    expect(values(run.series('train/rewardDeviation')).every((each) => each > 0)).toBe(true);
  });
});

describe('texts', () => {
  it('are shown with their rewards, before the first update and at each evaluation', async () => {
    const run = await finish();
    const shown = run.events.flatMap((event) => (event.kind === 'textsGenerated' ? [event] : []));
    expect(shown.map(({ step }) => step)).toEqual([0, 12]);
    for (const { text, reward, isEnded } of shown.flatMap(({ texts }) => texts)) {
      // Special tokens are none of the text's words, and count.
      expect(-10 * reward!).toBeGreaterThanOrEqual(text.split(' ').filter(Boolean).length - 1e-6);
      expect(isEnded || Math.round(-10 * reward!) === 12).toBe(true);
    }
  });
});

describe('guards', () => {
  it('tell of a policy that leaves its budget, and end the run where they are to', async () => {
    const { findings, series } = await finish({ guards: { klBudget: 0.01 } });
    expect(findings.map(({ code }) => code)).toContain('POLICY_FAR_FROM_REFERENCE');
    expect(series('train/length').size).toBe(12);
    const stopped = await finish({ guards: { klBudget: 0.01, stops: true } });
    expect(stopped.series('train/length').size).toBeLessThan(12);
    expect(stopped.logged().at(-1)).toMatch(/^Stops after step \d+: POLICY_FAR_FROM_REFERENCE$/);
    // The model that the run ends with is measured.
    expect(stopped.series('validation/reward').size).toBe(2);
  });

  it('tell of a reward that is gamed', async () => {
    const rewards = [rule('long', { kind: 'lengthCost', unit: 'tokens', cost: 0.1 }, -1)];
    const controlRewards = [rule('short', { kind: 'lengthCost', unit: 'tokens', cost: 0.1 })];
    const guards = { lengthGrowth: 1.2, repetition: 0.05 };
    const { findings } = await finish({ rewards, controlRewards, guards }, { epochs: 2 });
    const gamed = findings.find(({ code }) => code === 'REWARD_OVEROPTIMIZED');
    expect(gamed).toMatchObject({ control: 'short', stepBefore: 0 });
    expect(findings.map(({ code }) => code)).toContain('COMPLETIONS_GROW');
  });
});

describe('a run that is interrupted', () => {
  it.each([
    ['GRPO', { iterations: 2, algorithm: { ...grpo, replacementRounds: 2 } }],
    ['RLOO', { algorithm: rloo }],
  ] satisfies [string, PolicyChoice][])('ends with the same bytes: %s', async (_, choice) => {
    const h = { checkpointEverySteps: 5, epochs: 2 };
    const whole = await finish(choice, h);
    const job = jobOf(specOf(choice, h));
    const killed = recordingContext({ killAtStep: 8 });
    await expect(train(job, killed.context, workshop.tools)).rejects.toThrow(Killed);
    const resume = killed.lastCheckpoint();
    expect(resume?.step).toBe(5);
    const resumed = recordingContext({ resume });
    const outcome = await train(job, resumed.context, workshop.tools);
    if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
    expect(outcome.model!.digest).toBe(whole.model.digest);
    for (const key of ['train/reward', 'train/policyLoss', 'validation/reward']) {
      const before = new Map([...whole.series(key)].filter(([step]) => step > 5));
      expect(resumed.series(key), key).toEqual(before);
    }
  });
});

describe('a training that can not be', () => {
  const failed = async (...given: Parameters<typeof specOf>) => {
    const outcome = await train(jobOf(specOf(...given)), recordingContext().context, workshop.tools);
    return outcome.kind === 'failed' ? outcome.problem : outcome;
  };

  it('is refused: an encoder, an unknown column, prompts that are too long', async () => {
    const bert = await writeTinyEncoder(workshop.store, 'bert');
    expect(await failed({ baseModelDigest: bert })).toMatchObject({ code: 'INVALID_VALUE' });
    expect(await failed({ promptColumn: 'question' })).toMatchObject({ code: 'UNKNOWN_COLUMN' });
    expect(await failed({ maxTokens: 34 })).toMatchObject({ code: 'EMPTY_SPLIT', path: ['trainSplit'] });
  });

  it('is refused where early stopping watches what is not measured', async () => {
    const earlyStopping = { metric: 'validation/loss', patience: 1, minDelta: 0 };
    expect(await failed({}, { earlyStopping })).toMatchObject({ code: 'UNKNOWN_METRIC' });
  });
});
