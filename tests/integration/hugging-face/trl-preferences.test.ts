import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { jobOf } from '../../numerics/recipes/head-workshop.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { defaults, writeTable } from '../../numerics/recipes/support.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { dpoObjective, preferenceOptimizationSpec } from '../../support/specs.js';
import { fromFolder, openWorkshop } from './import-tools.js';

const steps = 12;
const Run = z.object({ losses: z.array(z.number()).length(steps) });
const Reference = z.object({
  settings: z.object({
    maxLength: z.number(),
    learning_rate: z.number(),
    weight_decay: z.number(),
    adam_beta1: z.number(),
    adam_beta2: z.number(),
    adam_epsilon: z.number(),
    max_grad_norm: z.number(),
  }),
  template: z.string(),
  pairs: z.array(z.tuple([z.string(), z.string(), z.string()])),
  thumbs: z.array(z.tuple([z.string(), z.string(), z.boolean()])),
  runs: z.object({
    dpo: Run,
    dpoWithSft: Run,
    ipo: Run,
    ldDpo: Run,
    robust: Run,
    hinge: Run,
    apoZero: Run,
    apoDown: Run,
    perToken: Run,
    kto: Run,
    cpo: Run,
    simpo: Run,
    orpo: Run,
  }),
});

// Values from TRL (tests/numerics/reference/trl/preference-training.py).
const reference = Reference.parse(
  JSON.parse(
    readFileSync(new URL('../../numerics/reference/trl/preference-training.reference.json', import.meta.url), 'utf8'),
  ),
);
const { settings } = reference;

const objectives: Readonly<Record<keyof typeof reference.runs, PreferenceObjective>> = {
  dpo: dpoObjective,
  dpoWithSft: { ...dpoObjective, beta: 0.3, sftWeight: 0.5 },
  ipo: { ...dpoObjective, loss: 'ipo', beta: 0.5 },
  ldDpo: { ...dpoObjective, tailWeight: 0.5 },
  robust: { ...dpoObjective, beta: 0.3, loss: 'robust', labelSmoothing: 0.1 },
  hinge: { ...dpoObjective, beta: 0.3, loss: 'hinge' },
  apoZero: { ...dpoObjective, beta: 0.3, loss: 'apoZero' },
  apoDown: { ...dpoObjective, beta: 0.3, loss: 'apoDown' },
  perToken: { ...dpoObjective, beta: 5, loss: 'sigmoidPerToken' },
  kto: { kind: 'kto', loss: 'kto', beta: 0.1, desirableWeight: 1, undesirableWeight: 1.5 },
  cpo: { kind: 'cpo', beta: 0.1, labelSmoothing: 0, sftWeight: 1 },
  simpo: { kind: 'simpo', beta: 2, gamma: 1, labelSmoothing: 0, sftWeight: 0 },
  orpo: { kind: 'orpo', beta: 0.1, learnsPrompts: true },
};

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let engine: Engine;
let baseModelDigest: string;
let pairs: string;
let thumbs: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  engine = await createEngine({ target: 'cpu', threads: 2 });
  baseModelDigest = (await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools)).digest;
  const turn = (role: string, content: string) => JSON.stringify([{ role, content }]);
  const inBoth = (rows: readonly Record<string, unknown>[]) =>
    ['train', 'validation'].flatMap((split) => rows.map((row) => ({ split, ...row })));
  pairs = await writeTable(
    workshop.store,
    workshop.root,
    { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' },
    inBoth(
      reference.pairs.map(([prompt, chosen, rejected]) => ({
        prompt: turn('user', prompt),
        chosen: turn('assistant', chosen),
        rejected: turn('assistant', rejected),
      })),
    ),
  );
  thumbs = await writeTable(
    workshop.store,
    workshop.root,
    { prompt: 'VARCHAR', completion: 'VARCHAR', label: 'BOOLEAN' },
    inBoth(
      reference.thumbs.map(([prompt, answer, label]) => ({
        prompt: turn('user', prompt),
        completion: turn('assistant', answer),
        label,
      })),
    ),
  );
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

async function lossesOf(name: keyof typeof objectives, batches: { batchSize: number; accumulated: number }) {
  const spec = preferenceOptimizationSpec({
    baseModelDigest,
    datasetDigest: name === 'kto' ? thumbs : pairs,
    ...(name === 'kto'
      ? {
          preference: {
            kind: 'thumbs',
            promptColumn: 'prompt',
            completionColumn: 'completion',
            thumbColumn: 'label',
          },
        }
      : {}),
    objective: objectives[name],
    chatTemplate: reference.template,
    hyperparameters: {
      ...defaults,
      epochs: steps,
      // All examples, of which each step of TRL's is, too.
      batchSize: batches.batchSize,
      gradientAccumulationSteps: batches.accumulated,
      maxLength: settings.maxLength,
      learningRate: settings.learning_rate,
      weightDecay: settings.weight_decay,
      beta1: settings.adam_beta1,
      beta2: settings.adam_beta2,
      epsilon: settings.adam_epsilon,
      maxGradientNorm: settings.max_grad_norm,
      schedule: 'constant',
      warmupRatio: 0,
      // It would be off all the same.
      dropout: 0.5,
      checkpointEverySteps: steps,
    },
  });
  const recorded = recordingContext();
  const tools = { engine, store: workshop.store, clock: () => 0, availableBytes: () => 8e9 };
  const outcome = await train(jobOf(spec), recorded.context, tools);
  if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
  return [...recorded.series('train/loss').values()];
}

describe.each(Object.entries(reference.runs))('%s', (name, expected) => {
  test.each([
    { batchSize: 6, accumulated: 1 },
    { batchSize: 2, accumulated: 3 },
  ])("has the losses of TRL's trainer in 12 steps of $accumulated batches of $batchSize", async (batches) => {
    const losses = await lossesOf(name as keyof typeof objectives, batches);
    expect(losses).toHaveLength(steps);
    expect(losses[0]).toBeCloseTo(expected.losses[0]!, 4);
    for (const [step, loss] of expected.losses.entries()) expect(losses[step], `step ${step + 1}`).toBeCloseTo(loss, 3);
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
  });
});
