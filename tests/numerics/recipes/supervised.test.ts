import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { ClassWeights } from '../../../src/protocol/heads.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import { RunEvent } from '../../../src/protocol/run-event.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { type SupervisedChoice, supervisedSpec } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let base: string;
let dataset: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  base = await writeTinyModel(workshop.store);
  dataset = await writeDataset(workshop.store, workshop.folder, sentences(160));
});
afterAll(() => workshop[Symbol.asyncDispose]());

function supervised(h: Partial<Hyperparameters> = {}, choice: SupervisedChoice = {}): TrainJob {
  return {
    kind: 'train',
    runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11',
    spec: supervisedSpec({
      baseModelDigest: base,
      datasetDigest: dataset,
      labelColumn: 'colour',
      labels: ['blue', 'red'],
      hyperparameters: { ...defaults, ...h },
      ...choice,
    }),
  };
}

async function weightsOf(outcome: JobOutcome) {
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  const { manifest } = outcome.model;
  return { manifest, tensors: readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors };
}

const problemOf = (outcome: JobOutcome) => (outcome.kind === 'failed' ? outcome.problem : outcome);

describe('supervised fine-tuning', () => {
  it('learns, reports each step once, and writes a model', async () => {
    const recorded = recordingContext();
    const outcome = await train(supervised({ epochs: 4, dropout: 0 }), recorded.context, workshop.tools);

    const { manifest, tensors } = await weightsOf(outcome);
    expect(manifest.heads).toEqual([{ kind: 'classification', task: 'colour', labels: ['blue', 'red'] }]);
    expect(manifest.maxLength).toBe(24);
    expect(tensors.get('heads.colour.weight')?.shape).toEqual([2, 16]);
    expect([...tensors.values()].reduce((count, { data }) => count + data.length, 0)).toBe(manifest.parameterCount);

    // 120 training examples in batches of 8 for 4 epochs.
    expect([...recorded.series('train/loss').keys()]).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect([...recorded.series('validation/loss').keys()]).toEqual([15, 30, 45, 60]);
    expect(recorded.series('validation/accuracy').get(60)).toBe(1);
    expect(recorded.series('validation/loss').get(60)).toBeLessThan(0.1);
    // Two classes at random: the first loss is near ln 2.
    expect(recorded.series('train/loss').get(1)).toBeCloseTo(Math.LN2, 1);
    expect(recorded.statuses).toEqual(['TRAINING', 'EVALUATING']);
    for (const event of recorded.events) RunEvent.parse(event);
    const progress = recorded.events.filter((event) => event.kind === 'progressMade');
    expect(progress.at(-1)).toMatchObject({ step: 60, totalSteps: 60, epoch: 4, etaSeconds: 0 });
    expect(recorded.logged()).toContain('Head colour: new, 2 labels');
  });

  it('has the learning rate rise from 0 and fall to almost 0', async () => {
    const recorded = recordingContext();
    await train(supervised({ epochs: 1, warmupRatio: 0.2 }), recorded.context, workshop.tools);
    const rates = [...recorded.series('train/learningRate').values()];
    // 3 of 15 steps of warm-up, then linear to 0 at step 15, which is never taken.
    expect(rates.slice(0, 4)).toEqual([0, expect.closeTo(0.01 / 3), expect.closeTo(0.02 / 3), 0.01]);
    expect(rates.at(-1)).toBeCloseTo(0.01 / 12, 10);
  });

  it('gives equal bytes for equal specs and others for another seed', async () => {
    const digest = async (h: Partial<Hyperparameters>) => {
      const outcome = await train(supervised({ epochs: 1, ...h }), recordingContext().context, workshop.tools);
      return outcome.kind === 'finished' ? outcome.model?.digest : outcome;
    };
    const first = await digest({});
    expect(await digest({})).toBe(first);
    expect(await digest({ seed: 8 })).not.toBe(first);
  });

  it('accumulates to the gradient of the whole batch, with class weights', async () => {
    const classWeights: ClassWeights = { kind: 'explicit', weights: [{ label: 'red', weight: 3 }] };
    const lossesOf = async (h: Partial<Hyperparameters>) => {
      const recorded = recordingContext();
      const outcome = await train(
        // One length, so that the plan puts the same examples together either way.
        supervised(
          { epochs: 1, dropout: 0, maxLength: 4, warmupRatio: 0, schedule: 'constant', ...h },
          { classWeights },
        ),
        recorded.context,
        workshop.tools,
      );
      return { losses: [...recorded.series('train/loss').values()], ...(await weightsOf(outcome)) };
    };
    const whole = await lossesOf({ batchSize: 120 });
    const parts = await lossesOf({ batchSize: 30, gradientAccumulationSteps: 4 });
    expect(parts.losses).toHaveLength(1);
    expect(parts.losses[0]).toBeCloseTo(whole.losses[0] ?? Number.NaN, 5);
    for (const [name, { data }] of whole.tensors) {
      const other = parts.tensors.get(name)?.data ?? new Float32Array(0);
      // Adam's first step is learningRate · sign(gradient) where the gradient is above its epsilon.
      const differing = data.filter((value, index) => Math.abs(value - (other[index] ?? Number.NaN)) > 1e-4);
      expect(differing.length / data.length, name).toBeLessThan(0.02);
    }
  });

  it('trains only the head, and as it would with the encoder in the graph, when the encoder is frozen', async () => {
    const recorded = recordingContext();
    const outcome = await train(
      supervised({ epochs: 6, freeze: { kind: 'encoder' }, dropout: 0, learningRate: 0.05 }),
      recorded.context,
      workshop.tools,
    );
    const { tensors } = await weightsOf(outcome);
    const before = readSafetensors(
      await workshop.store.read(JSON.parse((await workshop.store.read(base)).toString()).weights.digest),
    ).tensors;
    for (const [name, { data }] of before) expect(tensors.get(name)?.data, name).toEqual(data);
    const losses = [...recorded.series('train/loss').values()];
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  });

  it('leaves a frozen prefix alone and trains what is above', async () => {
    const outcome = await train(
      supervised({ epochs: 1, freeze: { kind: 'prefix', layers: 1 } }),
      recordingContext().context,
      workshop.tools,
    );
    const { tensors, manifest } = await weightsOf(outcome);
    const before = readSafetensors(
      await workshop.store.read(JSON.parse((await workshop.store.read(base)).toString()).weights.digest),
    ).tensors;
    for (const layer of manifest.layers) {
      for (const { name } of layer.tensors) {
        const isSame = tensors.get(name)?.data.every((value, index) => value === before.get(name)?.data[index]);
        expect(isSame, name).toBe(layer.index <= 1);
      }
    }
  });

  it('goes on from a head that the base model has with the same labels', async () => {
    const first = await train(supervised({ epochs: 4, dropout: 0 }), recordingContext().context, workshop.tools);
    if (first.kind !== 'finished' || first.model === null) throw new Error(JSON.stringify(first));
    const transfer = { baseModelDigest: first.model.digest };
    const again = recordingContext();
    await train(supervised({ epochs: 1, dropout: 0 }, transfer), again.context, workshop.tools);
    expect(again.logged()).toContain("Head colour: goes on from the base model's, which has the same 2 labels");
    expect(again.series('train/loss').get(1)).toBeLessThan(0.1);

    const other = recordingContext();
    await train(
      supervised({ epochs: 1, dropout: 0 }, { ...transfer, labels: ['red', 'blue'] }),
      other.context,
      workshop.tools,
    );
    expect(other.logged()).toContain('Head colour: new, 2 labels');
  });

  it('stops early and keeps the best model', async () => {
    const recorded = recordingContext();
    const earlyStopping = { metric: 'validation/accuracy', patience: 2, minDelta: 0 };
    const outcome = await train(
      supervised({ epochs: 30, dropout: 0, earlyStopping, checkpointEverySteps: 1000 }),
      recorded.context,
      workshop.tools,
    );
    const evaluations = [...recorded.series('validation/accuracy')];
    const [bestStep] = evaluations.reduce((best, candidate) =>
      (candidate[1] ?? 0) > (best[1] ?? 0) ? candidate : best,
    );
    expect(evaluations.at(-1)?.[0]).toBe(bestStep + 2 * 15);
    expect(recorded.checkpoints.filter(({ best }) => best).at(-1)?.step).toBe(bestStep);
    expect(recorded.logged().at(-1)).toContain(`The model is that of step ${bestStep}`);

    // The same training, ended at the best step by its epochs, has the same schedule only if that is constant: compare
    // values.
    const best = recorded.checkpoints.find(({ step }) => step === bestStep);
    const checkpoint = JSON.parse((await workshop.store.read(best?.digest ?? '')).toString());
    const saved = readSafetensors(await workshop.store.read(checkpoint.tensors.digest)).tensors;
    const { tensors } = await weightsOf(outcome);
    expect(tensors.get('pooler.weight')?.data).toEqual(saved.get('value.pooler.weight')?.data);
  });
});

describe('problems', () => {
  it('stops when the loss is no longer finite, and saves nothing', async () => {
    // Infinite in float32, as weights are after a divergence.
    const baseModelDigest = await writeTinyModel(workshop.store, 1, 1e39);
    const recorded = recordingContext();
    const outcome = await train(supervised({}, { baseModelDigest }), recorded.context, workshop.tools);
    expect(problemOf(outcome)).toMatchObject({
      code: 'NON_FINITE_LOSS',
      path: ['hyperparameters', 'learningRate'],
      message: expect.stringContaining('at step 1, with learning rate 0.01'),
    });
    expect(recorded.series('train/loss').get(1)).toBeNull();
    expect(recorded.checkpoints).toEqual([]);
  });

  it.each([
    ['UNKNOWN_COLUMN', {}, { labelColumn: 'colours' }, 'no column “colours”', ['head', 'labelColumn']],
    ['UNKNOWN_COLUMN', {}, { textColumn: 'body' }, 'no column “body”', ['textColumn']],
    ['UNKNOWN_LABEL', {}, { labels: ['red', 'green'] }, '“blue”', ['head', 'labelColumn']],
    ['EMPTY_SPLIT', {}, { validationSplit: 'test' }, 'no row in split “test”', ['validationSplit']],
    ['MISSING_ARTIFACT', {}, { baseModelDigest: 'a'.repeat(64) }, 'not in the artifact store', []],
    ['MISSING_ARTIFACT', {}, { datasetDigest: 'b'.repeat(64) }, 'not in the artifact store', []],
    ['TOO_LONG', { maxLength: 33 }, {}, 'at most 32 tokens', ['hyperparameters', 'maxLength']],
    [
      'UNKNOWN_METRIC',
      { earlyStopping: { metric: 'validation/f2', patience: 1, minDelta: 0 } },
      {},
      '“validation/f2”',
      ['hyperparameters', 'earlyStopping', 'metric'],
    ],
  ] as const)('%s %j %j', async (code, h, choice, message, path) => {
    const recorded = recordingContext();
    const outcome = await train(supervised(h, choice), recorded.context, workshop.tools);
    expect(problemOf(outcome)).toMatchObject({ code, path, message: expect.stringContaining(message) });
    expect(recorded.statuses).toEqual([]);
  });

  it('refuses a training that does not fit into memory, with both figures', async () => {
    const tools = { ...workshop.tools, availableBytes: () => 1e8 };
    const outcome = await train(supervised(), recordingContext().context, tools);
    expect(problemOf(outcome)).toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/needs about 0\.4 GB, and 0\.1 GB are available/),
    });
  });
});
