import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { openRewardModel } from '../../../gpu-worker/forward/reward-model.js';
import { openRewards } from '../../../gpu-worker/rewards/open-rewards.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { rewardHeadOf, steers } from '../../../src/protocol/heads.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import { type RewardChoice, rewardModellingSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable, writeTinyModel } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;

const columns = {
  prompt: 'VARCHAR',
  chosen: 'VARCHAR',
  rejected: 'VARCHAR',
  strength: 'DOUBLE',
  completion: 'VARCHAR',
  rating: 'DOUBLE',
  isGood: 'BOOLEAN',
};

/** Answers whose animal follows from the prompt are better; ratings count the words that are right. */
function rows(count: number) {
  const random = createRandom(7);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const colour = ['red', 'blue'][index % 2]!;
    const prompt = `the ${colour} ${pick(['a', 'the', 'here', 'now'])}`;
    const right = colour === 'red' ? 'cat' : 'dog';
    const wrong = colour === 'red' ? 'dog' : 'cat';
    const end = pick(['here', 'now', 'a']);
    const isGood = Math.floor(index / 2) % 2 === 0;
    return {
      split: Math.floor(index / 4) % 4 === 3 ? 'validation' : 'train',
      prompt,
      chosen: ` ${right} runs ${end}`,
      rejected: ` ${wrong} runs ${end}`,
      strength: 1 + (index % 3),
      completion: ` ${isGood ? right : wrong} sleeps ${end}`,
      rating: isGood ? 3 : 1,
      isGood,
    };
  });
}

beforeAll(async () => {
  workshop = await openWorkshop();
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows(160));
});
afterAll(() => workshop[Symbol.asyncDispose]());

type Family = Parameters<typeof writeTinyEncoder>[1] | 'use-lite';

async function specOf(family: Family, more: Partial<Hyperparameters> = {}, choice: RewardChoice = {}) {
  return rewardModellingSpec({
    baseModelDigest:
      family === 'use-lite' ? await writeTinyModel(workshop.store) : await writeTinyEncoder(workshop.store, family),
    datasetDigest,
    ...choice,
    hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 20, learningRate: 5e-3, ...more },
  });
}

async function attempt(...given: Parameters<typeof specOf>) {
  const spec = await specOf(...given);
  const recorded = recordingContext();
  return { ...recorded, outcome: await train(jobOf(spec), recorded.context, workshop.tools) };
}

async function finish(...given: Parameters<typeof attempt>) {
  const { outcome, ...recorded } = await attempt(...given);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  if (outcome.result.kind !== 'train') throw new Error('no training');
  return { ...recorded, model: outcome.model, findings: outcome.result.findings ?? [] };
}

const beat = () => undefined;
const llamaAdapter = { rank: 4, alpha: 8, rankStabilized: false, dropout: 0.1, targetModules: ['q_proj', 'v_proj'] };
const rated: PreferenceForm = {
  kind: 'rated',
  promptColumn: 'prompt',
  completionColumn: 'completion',
  ratingColumn: 'rating',
};
const thumbs: PreferenceForm = {
  kind: 'thumbs',
  promptColumn: 'prompt',
  completionColumn: 'completion',
  thumbColumn: 'isGood',
};

describe('a reward model', () => {
  it.each(['bert', 'llama'] as const)('of the family %s learns which answer is better', async (family) => {
    const { model, series, findings, logged } = await finish(family);
    expect(series('validation/accuracy').size).toBe(20);
    expect(last(series('validation/accuracy'))).toBe(1);
    expect(last(series('train/loss'))).toBeLessThan(0.2);
    expect(last(series('validation/margin'))).toBeGreaterThan(1);
    expect(logged()).toContainEqual(expect.stringMatching(/^Split train: 120 pairs of 240 answers/));
    const head = rewardHeadOf(model.manifest)!;
    expect(head.evidence).toMatchObject({ pairs: 40, right: 40 });
    // Wilson's interval of 40 of 40 would leave z² / (n + z²) below; but answers are in several pairs.
    expect(head.evidence!.low).toBeLessThan(40 / (40 + 1.96 ** 2));
    expect(head.evidence!.low).toBeGreaterThan(0.85);
    expect(steers(head)).toBe(true);
    expect(findings.map(({ code }) => code)).not.toContain('REWARD_NOT_ABOVE_CHANCE');

    const rewards = await openRewardModel(workshop.tools.engine, workshop.store, model.digest);
    try {
      const answer = (animal: string) => ({ prompt: 'the red now', completion: ` ${animal} runs here` });
      const [right, wrong] = await rewards.score([answer('cat'), answer('dog')], beat);
      expect(right! - wrong!).toBeGreaterThan(1);
      // Alone, beside a longer text, and in another order: the same.
      const [alone] = await rewards.score([answer('cat')], beat);
      const long = { prompt: null, completion: 'the red cat runs here now a dog sleeps here the blue cat runs' };
      const [, beside] = await rewards.score([long, answer('cat'), answer('dog')], beat);
      expect(alone).toBeCloseTo(right!, 5);
      expect(beside).toBeCloseTo(right!, 5);
      // One of a list of rewards says the same, times its weight.
      const source = { kind: 'rewardModel', modelId: randomUUID(), modelDigest: model.digest } as const;
      const services = { rewardKey: '', allowPrivate: '' };
      const tools = { ...workshop.tools, services, beat };
      const listed = await openRewards([{ name: 'judge', weight: 2, source }], tools);
      const prompt = { kind: 'text', text: 'the red now' } as const;
      const completions = ['cat', 'dog'].map((animal) => ({
        prompt,
        text: ` ${animal} runs here`,
        tokenCount: 3,
        row: {},
      }));
      const { total } = await listed.score(completions);
      await listed.release();
      expect(total[0]).toBeCloseTo(2 * right!, 5);
      expect(total[1]).toBeCloseTo(2 * wrong!, 5);
      // Were it no better than chance, it would steer nothing.
      const manifest = JSON.parse((await workshop.store.read(model.digest)).toString());
      const evidence = { pairs: 50, right: 27, low: 0.4042, high: 0.6706 };
      const doubtful = { ...manifest, heads: [{ ...manifest.heads[0], evidence }] };
      const modelDigest = (await workshop.store.write(Buffer.from(JSON.stringify(doubtful)))).digest;
      const opening = openRewards([{ name: 'judge', weight: 2, source: { ...source, modelDigest } }], tools);
      await expect(opening).rejects.toMatchObject({
        problem: {
          code: 'REWARD_MODEL_UNPROVEN',
          path: ['rewards', '0', 'by', 'rewardModel', 'modelId'],
          message: expect.stringContaining('it has 27 right (95 %: 0.404 to 0.671)'),
        },
      });
      // An evaluation may know better.
      const measured = { pairs: 500, right: 270, low: 0.496, high: 0.583, evaluationId: randomUUID() };
      const open = (low: number) => {
        const known = { ...source, modelDigest, evidence: { ...measured, low } };
        return openRewards([{ name: 'judge', weight: 2, source: known }], tools);
      };
      await expect(open(0.496)).rejects.toMatchObject({ problem: { code: 'REWARD_MODEL_UNPROVEN' } });
      const proven = await open(0.501);
      expect((await proven.score(completions)).total).toEqual(total);
      await proven.release();
    } finally {
      await rewards.release();
    }
  });

  it('that learned nothing does not steer, and says so', async () => {
    const { model, findings } = await finish('bert', { epochs: 1, learningRate: 1e-9 });
    const head = rewardHeadOf(model.manifest)!;
    expect(steers(head)).toBe(head.evidence!.low > 0.5);
    expect(findings.some(({ code }) => code === 'REWARD_NOT_ABOVE_CHANCE')).toBe(!steers(head));
    expect(head.evidence!.low).toBeLessThan(0.5);
  });

  it('learns from ratings of one prompt, each prompt as much as another', async () => {
    const { series, logged } = await finish('bert', { epochs: 12 }, { preference: rated, weighting: 'prompts' });
    const counted = /^Split train: ([\d,]+) pairs of 120 answers/.exec(
      logged().find((line) => line.startsWith('Split train'))!,
    );
    expect(Number(counted![1]!.replace(',', ''))).toBeGreaterThan(120);
    expect(last(series('validation/accuracy'))).toBe(1);
  });

  it('learns from thumbs', async () => {
    const { series, model } = await finish('llama', { epochs: 30 }, { preference: thumbs });
    expect(last(series('validation/accuracy'))).toBe(1);
    expect(rewardHeadOf(model.manifest)!.evidence!.pairs).toBe(20);
  });

  it('over a frozen encoder reads each text once, and learns', async () => {
    const { series, logged } = await finish('use-lite', { freeze: { kind: 'encoder' }, epochs: 3 });
    expect(logged().join('\n')).toContain('the frozen encoder reads each text once');
    const losses = [...series('train/loss').values()];
    expect(losses[0]).toBeCloseTo(Math.log(2), 1);
    expect(last(series('validation/loss'))).toBeLessThan(0.75);
  });

  it.each([
    ['BERT', 'bert', { gradientAccumulationSteps: 2 }, { centring: 0.01 }],
    ['Llama, by an adapter', 'llama', { adapter: llamaAdapter }, {}],
    ['Llama, of thumbs', 'llama', { dropout: 0.1 }, { preference: thumbs }],
    ['Universal Sentence Encoder, frozen', 'use-lite', { freeze: { kind: 'encoder' } }, {}],
  ] as const)('that is killed goes on to the same bytes: %s', async (_, family, more, choice) => {
    const given = [family, { epochs: 2, batchSize: 8, checkpointEverySteps: 3, ...more }, choice] as const;
    const whole = await finish(...given);
    const job = jobOf(await specOf(...given));
    const killed = recordingContext({ killAtStep: 5 });
    await expect(train(job, killed.context, workshop.tools)).rejects.toThrow(Killed);
    const resume = killed.lastCheckpoint();
    expect(resume!.step).toBe(3);
    const resumed = recordingContext({ resume });
    const outcome = await train(job, resumed.context, workshop.tools);
    expect(outcome).toMatchObject({ kind: 'finished', model: { digest: whole.model.digest } });
    expect([...resumed.series('train/loss').keys()][0]).toBe(4);
  });

  it('with an adapter trains the head too', async () => {
    const adapter = { rank: 4, alpha: 8, rankStabilized: false, dropout: 0, targetModules: ['query', 'value'] };
    const { model, series } = await finish('bert', { adapter, epochs: 30, learningRate: 2e-2 });
    expect(model.manifest.adapter).not.toBeNull();
    expect(last(series('validation/accuracy'))).toBeGreaterThan(0.9);
  });

  it('of one batch of 8 pairs and of four of 2 is the same: the mean is over the pairs of an update', async () => {
    const few = rows(32).map((row, index) => ({ ...row, split: index < 8 ? 'train' : 'validation' }));
    const digest = await writeTable(workshop.store, workshop.folder, columns, few);
    const choice = { datasetDigest: digest, margin: 1, centring: 0.01, preference: withStrength };
    const whole = await finish('bert', { epochs: 3, batchSize: 8 }, choice);
    const parts = await finish('bert', { epochs: 3, batchSize: 2, gradientAccumulationSteps: 4 }, choice);
    for (const key of ['train/loss', 'train/gradientNorm', 'validation/loss']) {
      const expected = whole.series(key);
      expect(expected.size, key).toBe(3);
      for (const [step, value] of expected) expect(parts.series(key).get(step), key).toBeCloseTo(value!, 4);
    }
  });
});

const withStrength: PreferenceForm = {
  kind: 'pairs',
  promptColumn: 'prompt',
  chosenColumn: 'chosen',
  rejectedColumn: 'rejected',
  strengthColumn: 'strength',
  probabilityColumn: null,
};

describe('rows that can not be learned', () => {
  const bad = [
    ...rows(32),
    { ...rows(1)[0]!, split: 'train', chosen: 'a', rejected: 'a' },
    { ...rows(1)[0]!, split: 'train', chosen: '', rejected: ' ' },
    // An answer that says nothing is worse than one that does: that can be learned.
    { ...rows(1)[0]!, split: 'train', rejected: '' },
  ];

  it('are refused with their numbers and reasons, or left out and counted', async () => {
    const digest = await writeTable(workshop.store, workshop.folder, columns, bad);
    const { outcome } = await attempt('bert', { epochs: 1 }, { datasetDigest: digest });
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'UNLEARNABLE_ROWS',
        path: ['trainSplit'],
        message:
          '2 of 27 rows of split “train” can not be learned: row 32: column “rejected”: holds the same as column “chosen”; row 33: column “rejected”: is empty, as column “chosen” is',
      },
    });
    const { logged } = await finish('bert', { epochs: 1 }, { datasetDigest: digest, unlearnable: 'leaveOut' });
    expect(logged()).toContainEqual(expect.stringContaining('Split train: 25 pairs of 50 answers'));
    expect(logged()).toContainEqual(expect.stringContaining('left out: 2 rows that can not be learned: row 32'));
  });

  it('of which none is left are refused', async () => {
    const same = bad.map((row) => ({ ...row, rating: 2 }));
    const digest = await writeTable(workshop.store, workshop.folder, columns, same);
    const { outcome } = await attempt(
      'bert',
      {},
      { datasetDigest: digest, preference: rated, unlearnable: 'leaveOut' },
    );
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'EMPTY_SPLIT', message: expect.stringContaining('no two answers to the same prompt') },
    });
  });
});
