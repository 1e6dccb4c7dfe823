import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evaluatePreferences } from '../../../gpu-worker/batch-jobs/evaluate-preferences.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { PreferenceScores } from '../../../src/protocol/evaluation-scores.js';
import { JobResult } from '../../../src/protocol/job.js';
import type { PreferenceEvaluation } from '../../../src/protocol/preference-evaluation.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import type { ScoredExample } from '../../../src/protocol/scored-example.js';
import { jobOf, last } from '../../numerics/recipes/head-workshop.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { defaults, writeTable } from '../../numerics/recipes/support.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { rowsOfParquet } from '../../support/parquet.js';
import { preferenceOptimizationSpec } from '../../support/specs.js';
import { fromFolder, openWorkshop } from './import-tools.js';

const Given = z.object({ template: z.string(), pairs: z.array(z.tuple([z.string(), z.string(), z.string()])) });
const Answer = z.object({ sum: z.number(), tokens: z.number() });
const Reference = z.object({ pairs: z.array(z.object({ chosen: Answer, rejected: Answer })) });

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../numerics/reference/trl/${name}.reference.json`, import.meta.url), 'utf8'));
const given = Given.parse(read('preference-training'));
// Values from transformers (tests/numerics/reference/trl/preference-evaluation.py).
const reference = Reference.parse(read('preference-evaluation'));

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let engine: Engine;
let base: string;
let datasetDigest: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  engine = await createEngine({ target: 'cpu', threads: 2 });
  base = (await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools)).digest;
  const turn = (role: string, content: string) => JSON.stringify([{ role, content }]);
  const rows = given.pairs.map(([prompt, chosen, rejected], index) => ({
    prompt: turn('user', prompt),
    chosen: turn('assistant', chosen),
    rejected: turn('assistant', rejected),
    rating: index,
  }));
  const same = { prompt: turn('user', 'a'), chosen: turn('assistant', 'b'), rejected: turn('assistant', 'b') };
  datasetDigest = await writeTable(
    workshop.store,
    workshop.root,
    { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR', rating: 'DOUBLE' },
    [
      ...['train', 'validation'].flatMap((split) => rows.map((row) => ({ split, ...row }))),
      // Answers that are the same say nothing.
      ...[...rows, { ...same, rating: 0 }].map((row) => ({ split: 'test', ...row })),
      { split: 'alike', ...same, rating: 0 },
    ],
  );
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

const form = {
  kind: 'pairs',
  promptColumn: 'prompt',
  chosenColumn: 'chosen',
  rejectedColumn: 'rejected',
  strengthColumn: null,
  probabilityColumn: null,
} as const satisfies PreferenceForm;
const how: PreferenceEvaluation = {
  referenceDigest: null,
  beta: 0.5,
  maxLength: 40,
  truncationSide: 'right',
  chatTemplate: given.template,
  templateTime: '2026-01-02T03:04:05.000Z',
};

async function evaluate(
  modelDigest: string,
  more: Partial<PreferenceEvaluation> = {},
  split = 'test',
  { context } = recordingContext(),
) {
  const job = {
    kind: 'evaluate' as const,
    evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c14',
    modelDigest,
    datasetDigest,
    split,
    textColumn: 'chosen',
    pairColumn: null,
    tasks: [],
    preference: form,
  };
  const tools = { engine, store: workshop.store, folder: workshop.root };
  const { result } = await evaluatePreferences(job, { ...how, ...more }, context, tools);
  const parsed = JobResult.parse(result);
  if (parsed.kind !== 'evaluate') throw new Error('It has the result of another job.');
  const examples = await rowsOfParquet<ScoredExample>(await workshop.store.localPath(parsed.examplesDigest!));
  return { scores: parsed.tasks[0] as PreferenceScores, examples, findings: parsed.findings };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('without a reference', () => {
  test('a model is scored by the log-probabilities of tokens that transformers has', async () => {
    const { scores, examples } = await evaluate(base);
    const perToken = reference.pairs.map(({ chosen, rejected }) => [
      chosen.sum / chosen.tokens,
      rejected.sum / rejected.tokens,
    ]) as [number, number][];
    const gaps = perToken.map(([chosen, rejected]) => chosen - rejected);
    const right = gaps.filter((gap) => gap > 0).length;
    expect(scores).toMatchObject({ exampleCount: 6, right, ties: 0, leftOutCount: 1, truncatedCount: 0 });
    expect(scores.accuracy).toBe(right / 6);
    expect(scores.interval.low).toBeLessThan(scores.accuracy);
    expect(scores.interval.high).toBeGreaterThan(scores.accuracy);
    expect(scores.margin).toBeCloseTo(meanOf(gaps), 5);
    expect(scores.loss).toBeCloseTo(meanOf(gaps.map((gap) => Math.log1p(Math.exp(-gap)))), 5);
    expect(scores.chosenLogProbability).toBeCloseTo(meanOf(perToken.map(([chosen]) => chosen)), 5);
    expect(scores.rejectedLogProbability).toBeCloseTo(meanOf(perToken.map(([, rejected]) => rejected)), 5);
    expect(scores.byReference).toBeNull();
    expect(examples.map(({ isRight }) => isRight)).toEqual(gaps.map((gap) => gap > 0));
    for (const [index, { predictedValues }] of examples.entries()) {
      expect(Array.from(predictedValues)).toHaveLength(2);
      expect(predictedValues[0]).toBeCloseTo(perToken[index]![0], 4);
      expect(predictedValues[1]).toBeCloseTo(perToken[index]![1], 4);
    }
  });
});

describe('with a reference', () => {
  test('that is the model itself, all rewards are equal, and the loss is ln 2', async () => {
    const { scores } = await evaluate(base, { referenceDigest: base });
    expect(scores.byReference).toMatchObject({
      right: 0,
      ties: 6,
      accuracy: 0,
      margin: 0,
      divergence: 0,
      digest: base,
    });
    expect(scores.byReference!.loss).toBeCloseTo(Math.log(2), 12);
  });

  test('a model that learned by DPO scores what its run measured last', async () => {
    const spec = preferenceOptimizationSpec({
      baseModelDigest: base,
      datasetDigest,
      preference: form,
      objective: {
        kind: 'dpo',
        loss: 'sigmoid',
        beta: how.beta,
        labelSmoothing: 0,
        sftWeight: 0,
        tailWeight: 1,
        strengthMargin: 0,
      },
      chatTemplate: how.chatTemplate,
      hyperparameters: { ...defaults, dropout: 0, maxLength: 40, epochs: 4, batchSize: 6, learningRate: 2e-3 },
    });
    const { context, series, kept } = recordingContext();
    const tools = { engine, store: workshop.store, clock: () => 0, availableBytes: () => 8e9 };
    const outcome = await train(jobOf(spec), context, tools);
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    // The reference said of the same split what the training had kept; the number of threads may differ.
    const ofTraining = kept.map(({ content, artifact }) => ({ content, threads: 7, digest: artifact.digest }));
    const evaluating = recordingContext({ keptLogProbabilities: ofTraining });
    const asked = { referenceDigest: base, chatTemplate: null };
    const { scores } = await evaluate(outcome.model.digest, asked, 'validation', evaluating);
    expect(evaluating.kept).toEqual([]);
    const without = recordingContext();
    expect((await evaluate(outcome.model.digest, asked, 'validation', without)).scores).toEqual(scores);
    expect(without.kept.map(({ artifact }) => artifact.digest)).toEqual([kept[1]!.artifact.digest]);
    const found = scores.byReference!;
    const measured = (key: string) => last(series(`validation/${key}`))!;
    expect(found.margin).toBeGreaterThan(0.01);
    expect(found.margin).toBeCloseTo(measured('rewardMargin'), 4);
    expect(found.loss).toBeCloseTo(measured('loss'), 4);
    expect(found.divergence).toBeCloseTo(measured('kl'), 4);
    expect((found.right + found.ties / 2) / 6).toBeCloseTo(measured('accuracy'), 6);
    expect(scores.margin).toBeCloseTo(measured('tokenLogProbabilityMargin'), 4);
  });
});

test('refuses a split without a pair, and more tokens than the model reads', async () => {
  await expect(evaluate(base, {}, 'alike')).rejects.toMatchObject({
    problem: { code: 'EMPTY_SPLIT', path: ['split'], message: expect.stringContaining('1 rows can not be read') },
  });
  await expect(evaluate(base, { maxLength: 100_000 })).rejects.toMatchObject({
    problem: { code: 'TOO_LONG', path: ['preferenceReading', 'maxLength'] },
  });
});
