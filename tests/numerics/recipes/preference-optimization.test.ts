import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { dpoObjective, type PreferenceChoice, preferenceOptimizationSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;
let base: string;

const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR', answer: 'VARCHAR', good: 'BOOLEAN' };

/** Questions, to which the answer that names the animal of the question is better than the one that names the other. */
function rows(count: number) {
  const random = createRandom(5);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const [colour, animal] = [pick(['red', 'blue']), pick(['cat', 'dog'])];
    const other = animal === 'cat' ? 'dog' : 'cat';
    // Of the examples of both splits, half are good.
    const good = (index + (index >> 2)) % 2 === 0;
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      prompt: `the ${colour} ${animal} here`,
      chosen: ` ${animal} sleeps now`,
      rejected: ` ${other} runs`,
      answer: good ? ` ${animal} sleeps now` : ` ${other} runs`,
      good,
    };
  });
}

beforeAll(async () => {
  workshop = await openWorkshop();
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows(64));
  base = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
});
afterAll(() => workshop[Symbol.asyncDispose]());

const thumbs = {
  kind: 'thumbs',
  promptColumn: 'prompt',
  completionColumn: 'answer',
  thumbColumn: 'good',
} as const;
const kto = { kind: 'kto', loss: 'kto', beta: 0.1, desirableWeight: 1, undesirableWeight: 1 } as const;

function specOf(h: Partial<Hyperparameters> = {}, choice: PreferenceChoice = {}) {
  return preferenceOptimizationSpec({
    baseModelDigest: base,
    datasetDigest,
    ...choice,
    hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 2, batchSize: 8, learningRate: 1e-2, ...h },
  });
}

async function attempt(h: Partial<Hyperparameters> = {}, choice: PreferenceChoice = {}) {
  const recorded = recordingContext();
  return { ...recorded, outcome: await train(jobOf(specOf(h, choice)), recorded.context, workshop.tools) };
}

async function finish(...given: Parameters<typeof attempt>) {
  const { outcome, ...recorded } = await attempt(...given);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return {
    ...recorded,
    model: outcome.model,
    findings: (outcome.result.kind === 'train' ? outcome.result.findings : undefined) ?? [],
  };
}

describe('before the first update', () => {
  it('the model is its reference: every log-ratio is 0, and DPO loses ln 2', async () => {
    const run = await finish({ epochs: 1 });
    for (const key of ['rewardMargin', 'chosenReward', 'rejectedReward', 'kl'])
      expect(run.series(`validation/${key}`).get(0), key).toBeCloseTo(0, 5);
    expect(run.series('validation/loss').get(0)).toBeCloseTo(Math.log(2), 6);
    expect(run.series('train/loss').get(1)).toBeCloseTo(Math.log(2), 4);
    // No reward differs, and ties count half.
    expect(run.series('validation/accuracy').get(0)).toBeCloseTo(0.5, 6);
  });

  it('half of the weights is lost by KTO', async () => {
    const objective = { ...kto, desirableWeight: 1.2, undesirableWeight: 0.4 };
    const run = await finish({ epochs: 1 }, { preference: thumbs, objective });
    // As many good answers as bad ones: (1.2 + 0.4) / 2 / 2.
    expect(run.series('validation/loss').get(0)).toBeCloseTo(0.4, 5);
    expect(run.series('validation/rewardMargin').get(0)).toBeCloseTo(0, 5);
  });

  it('a model that starts from a former adapter is its own reference, not that adapter’s base', async () => {
    const first = await finish({ adapter: { ...lora, dropout: 0 }, epochs: 1 });
    const choice = { baseModelDigest: first.model.digest };
    const again = await finish({ adapter: { ...lora, dropout: 0 }, epochs: 1 }, choice);
    expect(again.series('validation/loss').get(0)).toBeCloseTo(Math.log(2), 5);
    // Against the first base the model is somewhere else already.
    const other = await finish({ epochs: 1 }, { ...choice, referenceDigest: base });
    const said = other.logged().find((line) => line.startsWith('The reference is another model'))!;
    const ratio = Number(/answer is (-?[\d.]+), so that/.exec(said)![1]);
    // β is 0.1, and as many answers are better ones as are not.
    const [better, others] = ['chosenReward', 'rejectedReward'].map((key) => other.series(`validation/${key}`).get(0)!);
    expect(ratio).toBeCloseTo((better! + others!) / 2 / 0.1, 2);
    expect(again.logged().some((line) => line.startsWith('The reference is another'))).toBe(false);
    expect(Math.abs(other.series('validation/rewardMargin').get(0)!)).toBeGreaterThan(1e-3);
    expect(other.series('validation/rewardMargin').get(0)).toBeCloseTo(
      last(first.series('validation/rewardMargin'))!,
      3,
    );
  });
});

describe('learns which answers are better', () => {
  const objectives: readonly PreferenceObjective[] = [
    dpoObjective,
    { ...dpoObjective, loss: 'sigmoidPerToken', beta: 5 },
    { ...dpoObjective, loss: 'robust', labelSmoothing: 0.1 },
    { ...dpoObjective, loss: 'hinge', sftWeight: 0.5 },
    { ...dpoObjective, loss: 'ipo', beta: 0.5 },
    { ...dpoObjective, loss: 'apoZero' },
    { ...dpoObjective, loss: 'apoDown' },
    { kind: 'orpo', beta: 1, learnsPrompts: false },
    { kind: 'simpo', beta: 2, gamma: 1, labelSmoothing: 0, sftWeight: 0 },
    { kind: 'cpo', beta: 0.1, labelSmoothing: 0, sftWeight: 1 },
    kto,
  ];
  it.each(objectives.map((objective) => ({ name: 'loss' in objective ? objective.loss : objective.kind, objective })))(
    'by $objective.kind, $name',
    async ({ objective }) => {
      const run = await finish(
        { epochs: 4 },
        { objective, ...(objective.kind === 'kto' ? { preference: thumbs } : {}) },
      );
      const [before, after] = [run.series('validation/loss').get(0)!, last(run.series('validation/loss'))!];
      expect(after).toBeLessThan(before);
      expect(last(run.series('validation/accuracy'))).toBeGreaterThan(0.95);
      expect(last(run.series('validation/rewardMargin'))).toBeGreaterThan(
        run.series('validation/rewardMargin').get(0)!,
      );
    },
  );

  it('from an adapter too, and two runs give the same bytes', async () => {
    const h = { adapter: { ...lora, dropout: 0 }, epochs: 3 };
    const [first, second] = [await finish(h), await finish(h)];
    expect(last(first.series('validation/accuracy'))).toBeGreaterThan(0.9);
    expect(second.model.digest).toBe(first.model.digest);
  });

  it('from ratings: every two answers to a prompt that differ are a pair', async () => {
    const rated = ['red', 'blue'].flatMap((colour) =>
      [' cat sleeps now', ' dog runs', ' dog'].map((answer, place) => ({
        split: 'train',
        prompt: `the ${colour} cat here`,
        answer,
        rating: place === 2 ? 1 : 3 - place,
      })),
    );
    const all = [...rated, ...rated.map((row) => ({ ...row, split: 'validation' }))];
    const digest = await writeTable(
      workshop.store,
      workshop.folder,
      { prompt: 'VARCHAR', answer: 'VARCHAR', rating: 'INTEGER' },
      all,
    );
    const preference = {
      kind: 'rated',
      promptColumn: 'prompt',
      completionColumn: 'answer',
      ratingColumn: 'rating',
    } as const;
    // Ratings 3, 2 and 1 of each prompt: three pairs, as strong as their differences.
    const run = await finish({ epochs: 1 }, { datasetDigest: digest, preference });
    expect(run.logged().some((line) => line.startsWith('Split train: 6 pairs'))).toBe(true);
  });
});

test('metrics come in the order in which a person reads them: the margin and the accuracy first', async () => {
  const run = await finish({ epochs: 1 });
  const recorded = run.events.find((event) => event.kind === 'metricsRecorded' && event.step === 0);
  if (recorded?.kind !== 'metricsRecorded') throw new Error('There is no evaluation before the first update.');
  expect(recorded.samples.map(({ key }) => key)).toEqual([
    'validation/rewardMargin',
    'validation/accuracy',
    'validation/loss',
    'validation/chosenReward',
    'validation/rejectedReward',
    'validation/chosenLogProbability',
    'validation/rejectedLogProbability',
    'validation/tokenLogProbabilityMargin',
    'validation/chosenLength',
    'validation/rejectedLength',
    'validation/kl',
  ]);
  // “cat sleeps now” and “dog runs” are words of the vocabulary, and no token ends texts.
  for (const split of ['validation', 'train']) {
    expect(last(run.series(`${split}/chosenLength`))).toBe(3);
    expect(last(run.series(`${split}/rejectedLength`))).toBe(2);
  }
  expect(run.series('train/entropy').get(1)).toBeGreaterThan(0);
  expect(run.events.some((event) => event.kind === 'textsGenerated')).toBe(true);
});

test.each([
  ['DPO', {}],
  ['KTO', { preference: thumbs, objective: kto }],
] as const)('a run of %s that is killed goes on to the same bytes', async (_, choice) => {
  const h = { epochs: 3, checkpointEverySteps: 2 };
  const whole = await finish(h, choice);
  const job = jobOf(specOf(h, choice));
  const killed = recordingContext({ killAtStep: 8 });
  await expect(train(job, killed.context, workshop.tools)).rejects.toThrow(Killed);
  const resumed = recordingContext({ resume: killed.lastCheckpoint() });
  const outcome = await train(job, resumed.context, workshop.tools);
  expect(outcome).toMatchObject({ kind: 'finished', model: { digest: whole.model.digest } });
});

describe('findings', () => {
  it('tell that better answers became less likely, and that thumbs are unbalanced', async () => {
    // APO-down draws both answers down (D’Oosterlinck et al. 2024); learning the better ones, too, draws them up.
    const objective = { ...dpoObjective, loss: 'apoDown' } as const;
    const down = await finish({ epochs: 6, learningRate: 1e-2 }, { objective });
    const chosen = down.series('validation/chosenLogProbability');
    const rejected = down.series('validation/rejectedLogProbability');
    expect(last(chosen)!).toBeLessThan(chosen.get(0)!);
    expect(down.findings.find(({ code }) => code === 'CHOSEN_LESS_LIKELY')).toEqual({
      code: 'CHOSEN_LESS_LIKELY',
      split: 'validation',
      chosenBefore: chosen.get(0),
      chosenAfter: last(chosen),
      rejectedBefore: rejected.get(0),
      rejectedAfter: last(rejected),
    });
    const up = await finish({ epochs: 6, learningRate: 1e-2 }, { objective: { ...dpoObjective, sftWeight: 1 } });
    expect(last(up.series('validation/chosenLogProbability'))!).toBeGreaterThan(chosen.get(0)!);
    expect(up.findings.map(({ code }) => code)).not.toContain('CHOSEN_LESS_LIKELY');
    const lopsided = rows(64).map((row, index) => ({ ...row, good: index % 8 !== 0 }));
    const digest = await writeTable(workshop.store, workshop.folder, columns, lopsided);
    const run = await finish({ epochs: 1 }, { datasetDigest: digest, preference: thumbs, objective: kto });
    // 40 good answers of 48 with equal weights: they count 5 times as much as the 8 bad ones.
    expect(run.findings.find(({ code }) => code === 'UNBALANCED_THUMBS')).toMatchObject({
      good: 40,
      bad: 8,
      ratio: 5,
      undesirableWeight: 3.75,
    });
    expect(run.logged().some((line) => line.includes('between 1 and 1.33 is advised'))).toBe(true);
  });
});

test('a model learns not to answer where the empty answers are the better ones', async () => {
  const silent = rows(64).map((row) => ({
    ...row,
    rejected: row.chosen,
    chosen: '',
    answer: row.good ? '' : row.chosen,
  }));
  const digest = await writeTable(workshop.store, workshop.folder, columns, silent);
  // The tokenizer has no token that ends texts: a word ends answers.
  const chatTemplate =
    "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %} here{% endif %}{% endfor %}";
  for (const choice of [{}, { preference: thumbs, objective: kto }]) {
    const run = await finish({ epochs: 4 }, { ...choice, datasetDigest: digest, chatTemplate });
    expect(run.series('validation/rewardMargin').get(0)).toBeCloseTo(0, 5);
    expect(last(run.series('validation/rewardMargin'))).toBeGreaterThan(0.1);
    expect(run.logged().some((line) => line.includes('left out'))).toBe(false);
  }
});

describe('is refused', () => {
  it('where the reference has another tokenizer', async () => {
    const manifest = JSON.parse((await workshop.store.read(base)).toString());
    const same = await workshop.store.read(manifest.tokenizer.digest);
    const { digest } = await workshop.store.write(Buffer.concat([same, Buffer.from('\n')]));
    const other = { ...manifest, tokenizer: { ...manifest.tokenizer, digest } };
    const referenceDigest = (await workshop.store.write(Buffer.from(JSON.stringify(other)))).digest;
    const { outcome } = await attempt({}, { referenceDigest });
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'DIFFERENT_TOKENIZERS', path: ['method', 'preferenceOptimization', 'referenceModelId'] },
    });
  });

  it('where answers are cut off before they differ', async () => {
    const { outcome } = await attempt({ maxLength: 4 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'UNLEARNABLE_ROWS', path: ['trainSplit'], hint: expect.stringContaining('maxLength') },
    });
  });

  it('where thumbs are asked for pairs', async () => {
    const { outcome } = await attempt({}, { preference: thumbs });
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'EMPTY_SPLIT' } });
  });
});
