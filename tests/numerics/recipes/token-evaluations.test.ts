import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateTokens } from '../../../gpu-worker/batch-jobs/evaluate-tokens.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { TokenScores } from '../../../src/protocol/evaluation-scores.js';
import { JobResult } from '../../../src/protocol/job.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import type { ScoredExample } from '../../../src/protocol/scored-example.js';
import type { TokenEvaluation } from '../../../src/protocol/token-evaluation.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { rowsOfParquet } from '../../support/parquet.js';
import { instructionTuningSpec, languageModellingSpec, supervisedSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;
const columns = { text: 'VARCHAR', prompt: 'VARCHAR', completion: 'VARCHAR', colour: 'VARCHAR' };

beforeAll(async () => {
  workshop = await openWorkshop();
  const rows = sentences(120).map(({ text, split, labels }) => ({
    split,
    text,
    prompt: text,
    completion: ` ${labels.colour} now here`,
    colour: labels.colour,
  }));
  // Two rows have no text.
  for (const split of ['validation', 'test']) {
    rows.push({ split, text: null, prompt: null, completion: ' now', colour: 'red' } as never);
  }
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows as never);
});
afterAll(() => workshop[Symbol.asyncDispose]());

const h = { ...defaults, dropout: 0, epochs: 3, maxLength: 24, pooling: null, seed: 5 } as const;

async function finish(spec: RunSpec) {
  const recorded = recordingContext();
  const outcome = await train(jobOf(spec), recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, digest: outcome.model.digest };
}

const texts: TokenEvaluation = {
  objective: 'causal',
  masking: null,
  conversations: null,
  maxLength: 24,
  truncationSide: 'right',
  seed: 5,
  baselineDigest: null,
};
const form = {
  kind: 'promptCompletion',
  promptColumn: 'prompt',
  completionColumn: 'completion',
  systemColumn: null,
} as const;
const answers: TokenEvaluation = {
  ...texts,
  conversations: {
    form,
    learned: 'completions',
    chatTemplate: null,
    templateTime: '2026-01-02T03:04:05.000Z',
    unlearnable: 'refuse',
  },
};
const masked: TokenEvaluation = { ...texts, objective: 'masked', masking: { share: 0.3, wholeWords: false } };

async function evaluate(modelDigest: string, how: TokenEvaluation, split = 'validation', digest = datasetDigest) {
  const job = {
    kind: 'evaluate' as const,
    evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c14',
    modelDigest,
    datasetDigest: digest,
    split,
    textColumn: how.conversations === null ? 'text' : 'prompt',
    pairColumn: null,
    tasks: [],
  };
  const { engine } = workshop.tools;
  const tools = { engine, store: workshop.store, folder: workshop.folder };
  const progress: { readonly examplesDone: number; readonly examplesTotal: number }[] = [];
  const context = {
    ...recordingContext().context,
    progressed: (made: (typeof progress)[number]) => progress.push(made),
  };
  const { result } = await evaluateTokens(job, how, context as never, tools);
  const parsed = JobResult.parse(result);
  if (parsed.kind !== 'evaluate') throw new Error('It has the result of another job.');
  const examples = await rowsOfParquet<ScoredExample>(await workshop.store.localPath(parsed.examplesDigest!));
  return { scores: parsed.tasks[0] as TokenScores, findings: parsed.findings, examples, progress };
}

const measures = ['loss', 'perplexity', 'bitsPerByte', 'tokenAccuracy'] as const;

/** That the scores are the last ones of the run. */
function expectLastOf({ series }: Pick<Awaited<ReturnType<typeof finish>>, 'series'>, scores: TokenScores) {
  for (const measure of measures) {
    const values = series(`validation/${measure}`);
    if (values.size === 0) expect(scores[measure], measure).toBeNull();
    else expect(Math.abs(scores[measure]! - last(values)!), measure).toBeLessThan(1e-5 * Math.max(1, last(values)!));
  }
}

const llama = () => writeTinyEncoder(workshop.store, 'llama', { languageModel: true });

describe('an evaluation on the validation split', () => {
  it.each([
    ['all layers', null],
    ['an adapter', lora],
  ])('gives what the run measured last: of texts, %s', async (_, adapter) => {
    const run = await finish(
      languageModellingSpec({ baseModelDigest: await llama(), datasetDigest, hyperparameters: { ...h, adapter } }),
    );
    const { scores, examples } = await evaluate(run.digest, { ...texts, baselineDigest: await llama() });
    expectLastOf(run, scores);
    expect(scores).toMatchObject({ task: 'tokens', exampleCount: 30, leftOutCount: 1 });
    // The base model's are those of step 0.
    expect(scores.baseline!.loss).toBeCloseTo(run.series('validation/loss').get(0)!, 5);
    const difference = scores.baseline!.differences.find(({ measure }) => measure === 'loss')!;
    expect(difference.value).toBeCloseTo(scores.loss - scores.baseline!.loss, 10);
    expect(difference.low).toBeLessThan(difference.value);
    expect(difference.high).toBeGreaterThan(difference.value);
    expect(difference.high).toBeLessThan(0);
    expect(scores.baseline!.incomparable).toEqual([]);
    // What is kept of the rows adds up to the scores.
    expect(examples).toHaveLength(30);
    const sum = (of: (example: ScoredExample) => number) => examples.reduce((total, each) => total + of(each), 0);
    expect(sum(({ tokenCount }) => Number(tokenCount))).toBe(scores.tokenCount);
    expect(sum(({ tokenCount, error }) => Number(tokenCount) * error) / scores.tokenCount).toBeCloseTo(scores.loss, 10);
    expect(sum(({ rightTokenCount }) => Number(rightTokenCount)) / scores.tokenCount).toBeCloseTo(scores.tokenAccuracy);
    expect(sum(({ tokenCount, baselineError }) => Number(tokenCount) * baselineError!) / scores.tokenCount).toBeCloseTo(
      scores.baseline!.loss,
      10,
    );
  });

  it('of answers, also where they are cut', async () => {
    for (const maxLength of [24, 8]) {
      const run = await finish(
        instructionTuningSpec({
          baseModelDigest: await llama(),
          datasetDigest,
          unlearnable: 'leaveOut',
          hyperparameters: { ...h, maxLength },
        }),
      );
      const how = {
        ...answers,
        maxLength,
        conversations: { ...answers.conversations!, unlearnable: 'leaveOut' },
      } as const;
      const { scores, examples } = await evaluate(run.digest, how);
      expectLastOf(run, scores);
      expect(scores.bitsPerByte).not.toBeNull();
      expect(scores.exampleCount + scores.leftOutCount).toBe(31);
      expect(examples).toHaveLength(scores.exampleCount);
      if (maxLength === 8) expect(scores.truncatedCount).toBeGreaterThan(0);
    }
  });

  it('of masked tokens: the masks are those of the seed', async () => {
    const base = await writeTinyEncoder(workshop.store, 'bert', { mask: true, languageModel: true });
    const run = await finish(
      languageModellingSpec({ baseModelDigest: base, datasetDigest, masking: masked.masking, hyperparameters: h }),
    );
    const { scores } = await evaluate(run.digest, { ...masked, baselineDigest: base });
    expectLastOf(run, scores);
    expect(scores.baseline!.loss).toBeCloseTo(run.series('validation/loss').get(0)!, 5);
    expect(scores.baseline!.tokenCount).toBe(scores.tokenCount);
    expect(scores.baseline!.incomparable).toEqual([{ measure: 'bitsPerByte', reason: 'noBytes' }]);
    expect((await evaluate(run.digest, { ...masked, seed: 6 })).scores.loss).not.toBe(scores.loss);
  });
});

it('tells how far it is from its first batch on', async () => {
  const { progress } = await evaluate(await llama(), { ...texts, maxLength: 2, baselineDigest: await llama() });
  expect(new Set(progress.map(({ examplesTotal }) => examplesTotal))).toEqual(new Set([30]));
  const done = progress.map(({ examplesDone }) => examplesDone);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  // Half of the work is the model's own.
  expect(done.some((examples) => examples > 0 && examples < 15)).toBe(true);
  expect(done.at(-1)).toBe(30);
});

describe('a baseline', () => {
  it('that is the model itself differs by nothing', async () => {
    const { scores } = await evaluate(await llama(), { ...texts, baselineDigest: await llama() });
    for (const { value, low, high } of scores.baseline!.differences) expect([value, low, high]).toEqual([0, 0, 0]);
    expect(scores.baseline!.differences.map(({ measure }) => measure)).toEqual([...measures]);
  });

  it('with other tokens compares by bits a byte alone', async () => {
    const { scores, examples } = await evaluate(await llama(), { ...texts, baselineDigest: await renumbered() });
    const { differences, incomparable, bitsPerByte } = scores.baseline!;
    expect(incomparable).toEqual(
      ['loss', 'perplexity', 'tokenAccuracy'].map((measure) => ({ measure, reason: 'otherTokens' })),
    );
    expect(differences.map(({ measure }) => measure)).toEqual(['bitsPerByte']);
    expect(differences[0]!.value).toBeCloseTo(scores.bitsPerByte! - bitsPerByte!, 10);
    expect(examples.every(({ baselineError }) => baselineError === null)).toBe(true);
  });

  it('whose perplexity is beyond all numbers still differs by numbers', async () => {
    const wild = await reweighted((name, value) => (name === 'norm.weight' ? 1e4 : value));
    const { scores } = await evaluate(await llama(), { ...texts, baselineDigest: wild });
    expect(scores.baseline!.loss).toBeGreaterThan(710);
    expect(scores.baseline!.perplexity).toBe(Number.MAX_VALUE);
    const difference = scores.baseline!.differences.find(({ measure }) => measure === 'perplexity')!;
    for (const bound of [difference.value, difference.low, difference.high]) expect(bound).toBe(-Number.MAX_VALUE);
  });
});

/** The same model with other weights. */
async function reweighted(weightOf: (tensor: string, value: number) => number): Promise<string> {
  const manifest = JSON.parse((await workshop.store.read(await llama())).toString());
  const { tensors } = readSafetensors(await workshop.store.read(manifest.weights.digest));
  const changed = [...tensors].map(
    ([name, { shape, data }]) => [name, { shape, data: data.map((value) => weightOf(name, value)) }] as const,
  );
  const weights = await workshop.store.write(writeSafetensors(new Map(changed)));
  return (await workshop.store.write(Buffer.from(JSON.stringify({ ...manifest, weights })))).digest;
}

/** The same weights with a tokenizer that numbers two words otherwise. */
async function renumbered(): Promise<string> {
  const manifest = JSON.parse((await workshop.store.read(await llama())).toString());
  const tokenizer = JSON.parse((await workshop.store.read(manifest.tokenizer.digest)).toString());
  const { vocab } = tokenizer.model;
  [vocab.the, vocab.runs] = [vocab.runs, vocab.the];
  const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(tokenizer)));
  const changed = { ...manifest, tokenizer: { ...manifest.tokenizer, digest } };
  return (await workshop.store.write(Buffer.from(JSON.stringify(changed)))).digest;
}

describe('what can not be evaluated', () => {
  it('is a split without anything to predict, rows that can not be read, and models that predict no tokens', async () => {
    const refusal = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: { problem?: unknown }) => error.problem,
      );
    expect(await refusal(evaluate(await llama(), texts, 'nothing'))).toMatchObject({ code: 'EMPTY_SPLIT' });
    expect(await refusal(evaluate(await llama(), { ...answers, maxLength: 6 }))).toMatchObject({
      code: 'UNLEARNABLE_ROWS',
      path: ['tokens', 'conversation'],
    });
    expect(await refusal(evaluate(await llama(), masked))).toMatchObject({ code: 'INVALID_VALUE', path: ['modelId'] });
    const bare = await writeTinyEncoder(workshop.store, 'bert', { mask: true });
    expect(await refusal(evaluate(bare, masked))).toMatchObject({ code: 'INVALID_VALUE' });
    const classifier = await finish(
      supervisedSpec({
        baseModelDigest: await llama(),
        datasetDigest,
        head: {
          kind: 'classification',
          labelColumn: 'colour',
          labels: ['blue', 'red'],
          classWeights: { kind: 'none' },
        },
        hyperparameters: { ...h, epochs: 1, pooling: 'mean' },
      } as never),
    );
    expect(await refusal(evaluate(classifier.digest, texts))).toMatchObject({ code: 'INVALID_VALUE' });
    expect(await refusal(evaluate(await llama(), { ...texts, maxLength: 1000 }))).toMatchObject({ code: 'TOO_LONG' });
    // Weights that are numbers, and logits that are none.
    const damaged = await reweighted((name, value) => (/^norm|lm_head/.test(name) ? value * 1e30 : value));
    expect(await refusal(evaluate(damaged, texts))).toMatchObject({ code: 'NON_FINITE_LOSS', path: ['modelId'] });
    expect(await refusal(evaluate(await llama(), { ...texts, baselineDigest: damaged }))).toMatchObject({
      code: 'NON_FINITE_LOSS',
      path: ['tokens', 'baselineId'],
    });
  });
});
