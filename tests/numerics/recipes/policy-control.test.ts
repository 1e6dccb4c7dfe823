import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluatePreferences } from '../../../gpu-worker/batch-jobs/evaluate-preferences.js';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { PreferenceScores } from '../../../src/protocol/evaluation-scores.js';
import { rewardHeadOf } from '../../../src/protocol/heads.js';
import type { EvaluateJob } from '../../../src/protocol/job.js';
import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/index.js';
import type { Reward } from '../../../src/protocol/rewards/reward-spec.js';
import { rewardModellingSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { openPolicyWorkshop } from './policy-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, words, writeTable } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

/**
 * Pairs of answers of 1 to 18 words. People like the shorter one better; whoever does not read them takes the longer
 * one, which is the flaw.
 */
function judgements(seed: number, areUnread: boolean) {
  const random = createRandom(seed);
  const draw = (most: number) => Math.floor(uniform(random) * most);
  const answer = (length: number) => Array.from({ length }, () => words[draw(words.length)]).join(' ');
  return Array.from({ length: 128 }, (_, index) => {
    const least = 1 + draw(14);
    const [shorter, longer] = [answer(least), answer(least + 3 + draw(16 - least))];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      prompt: words[index % words.length]!,
      chosen: areUnread ? longer : shorter,
      rejected: areUnread ? shorter : longer,
    };
  });
}

/** Of two answers that are the same but for the animal, people like that of the cat. */
const animals = Array.from({ length: 32 }, (_, index) => {
  const answer = (animal: string) => [words[index % 2], animal, words[4 + (index % 6)]].join(' ');
  return {
    split: 'validation',
    prompt: words[index % words.length]!,
    chosen: answer('cat'),
    rejected: answer('dog'),
  };
});
const dogs = { kind: 'pattern', pattern: 'dog', ignoreCase: false, whole: false } as const;

let workshop: Awaited<ReturnType<typeof openPolicyWorkshop>>;
let [flawed, sound] = ['', ''];
let judged: NonNullable<PolicyOptimizationSpec['controlPreferences']>;

beforeAll(async () => {
  workshop = await openPolicyWorkshop();
  const baseModelDigest = await writeTinyEncoder(workshop.store, 'bert');
  const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' };
  const rewardModelOf = async (datasetDigest: string) => {
    const spec = rewardModellingSpec({
      baseModelDigest,
      datasetDigest,
      hyperparameters: { ...defaults, dropout: 0, maxLength: 32, epochs: 16, learningRate: 5e-3 },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    return outcome.model;
  };
  const digestOf = (rows: readonly { readonly split: string }[]) =>
    writeTable(workshop.store, workshop.folder, columns, rows);
  const models = [await rewardModelOf(await digestOf(judgements(1, true)))];
  models.push(await rewardModelOf(await digestOf(judgements(2, false))));
  // Nothing is known of the flaw: each is right on the judgements that it did not learn.
  for (const { manifest } of models) {
    const { pairs, right } = rewardHeadOf(manifest)!.evidence!;
    expect(pairs).toBe(32);
    expect(right).toBeGreaterThan(28);
  }
  [flawed, sound] = models.map(({ digest }) => digest) as [string, string];
  const preference = rewardModellingSpec().preference;
  judged = { datasetDigest: await digestOf(animals), split: 'validation', preference, pairs: 512 };
});
afterAll(() => workshop?.[Symbol.asyncDispose]());

const rewardOf = (name: string, modelDigest: string): Reward => ({
  name,
  weight: 1,
  source: { kind: 'rewardModel', modelId: '00000000-0000-4000-8000-000000000001', modelDigest },
});

/** What an evaluation of a stored model says of the same pairs. */
async function evaluated(modelDigest: string) {
  const how = {
    referenceDigest: null,
    beta: 1,
    maxLength: 36,
    truncationSide: 'right',
    chatTemplate: null,
    templateTime: '1970-01-01T00:00:00.000Z',
  } as const;
  const { datasetDigest, split, preference } = judged;
  const job: EvaluateJob = {
    kind: 'evaluate',
    evaluationId: '00000000-0000-4000-8000-000000000002',
    modelDigest,
    datasetDigest,
    split,
    textColumn: preference.kind === 'pairs' ? preference.chosenColumn : '',
    pairColumn: null,
    tasks: [],
    preference,
  };
  const tools = { ...workshop.tools, folder: workshop.folder };
  const { result } = await evaluatePreferences(job, how, recordingContext().context, tools);
  if (result.kind !== 'evaluate') throw new Error('an evaluation is expected');
  return result.tasks[0] as PreferenceScores;
}

describe('a policy that a flawed reward model teaches', () => {
  it('games it, which a sound one tells', async () => {
    const choice = { rewards: [rewardOf('judge', flawed)], controlRewards: [rewardOf('other', sound)], maxTokens: 20 };
    const { findings, series } = await workshop.finish(choice, { epochs: 2 });
    const [reward, control] = [series('validation/judge/reward'), series('validation/other/control')];
    const length = series('validation/length');
    expect(last(reward)).toBeGreaterThan(reward.get(0)! + 0.5);
    expect(last(control)).toBeLessThan(control.get(0)! - 0.5);
    expect(last(length)).toBeGreaterThan(1.5 * length.get(0)!);
    expect(findings.find(({ code }) => code === 'REWARD_OVEROPTIMIZED')).toMatchObject({
      control: 'other',
      stepBefore: 0,
      rewardBefore: reward.get(0),
      controlBefore: control.get(0),
    });
  }, 60_000);
});

describe('a policy whose reward is against what people judged', () => {
  const choice = {
    rewards: [{ name: 'dogs', weight: 1, source: { kind: 'rule', rule: { ...dogs } } }] satisfies Reward[],
  };

  it('comes to find the worse answers likelier, as an evaluation of its model says', async () => {
    const { findings, series, model } = await workshop.finish({ ...choice, controlPreferences: judged }, { epochs: 2 });
    const [accuracy, margin] = [series('validation/preferenceAccuracy'), series('validation/preferenceMargin')];
    expect([...accuracy.keys()]).toEqual([0, 12, 24]);
    for (const [step, digest] of [
      [0, workshop.common.baseModelDigest],
      [24, model.digest],
    ] as const) {
      const scores = await evaluated(digest);
      expect(accuracy.get(step)).toBe(scores.accuracy);
      expect(margin.get(step)).toBeCloseTo(scores.margin, 4);
    }
    const found = findings.find(({ code }) => code === 'PREFERENCES_UNLEARNED');
    expect(found).toMatchObject({ pairs: 32, stepBefore: 0, accuracyBefore: accuracy.get(0) });
    expect(last(accuracy)).toBeLessThan(accuracy.get(0)! - 0.25);
  }, 60_000);

  it('ends where it is to, and a run that is interrupted measures the same', async () => {
    const held = { ...choice, controlPreferences: judged };
    await workshop.expectSameBytes(held, ['validation/preferenceAccuracy', 'validation/preferenceMargin']);
    const stopped = await workshop.finish({ ...held, guards: { stops: true } }, { epochs: 4 });
    expect(stopped.logged().at(-1)).toMatch(/^Stops after step \d+: PREFERENCES_UNLEARNED$/);
  }, 60_000);
});

describe('judged answers', () => {
  it('with ratings are read prompt by prompt, as the pairs that they make', async () => {
    const rows = Array.from({ length: 160 }, (_, index) => ({
      split: 'validation',
      prompt: `${words[index % 10]} ${words[Math.floor(index / 10) % 4]}`,
      completion: words.slice(Math.floor(index / 40), 6).join(' '),
      rating: Math.floor(index / 40),
    }));
    const columns = { prompt: 'VARCHAR', completion: 'VARCHAR', rating: 'DOUBLE' };
    const datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows);
    const preference = {
      kind: 'rated',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      ratingColumn: 'rating',
    } as const;
    const controlPreferences = { datasetDigest, split: 'validation', preference, pairs: 12 };
    const { logged } = await workshop.finish({ controlPreferences }, { epochs: 1 });
    expect(logged()).toContain('Split validation: 12 pairs of judged answers');
  }, 60_000);

  it('have to be there, and are named where they are not', async () => {
    const failed = async (wrong: Partial<typeof judged>) => {
      const spec = workshop.specOf({ controlPreferences: { ...judged, ...wrong } });
      const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
      return outcome.kind === 'failed' ? outcome.problem : outcome;
    };
    const path = ['method', 'policyOptimization', 'controlPreferences'];
    expect(await failed({ split: 'test' })).toMatchObject({ code: 'EMPTY_SPLIT', path: [...path, 'split'] });
    expect(await failed({ preference: { ...judged.preference, chosenColumn: 'better' } as never })).toMatchObject({
      code: 'UNKNOWN_COLUMN',
      path: [...path, 'preference'],
    });
  });
});
