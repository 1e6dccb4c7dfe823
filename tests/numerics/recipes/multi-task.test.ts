import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { type MultiTaskChoice, multiTaskSpec, supervisedSpec, task } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, type Row, sentences, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let base: string;
let dataset: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  // Words far apart: two tasks compete for 8 dimensions.
  base = await writeTinyModel(workshop.store, 1, 4);
  dataset = await writeDataset(workshop.store, workshop.folder, sentences(240, { maxFiller: 4 }));
});
afterAll(() => workshop[Symbol.asyncDispose]());

const jobOf = (spec: RunSpec): TrainJob => ({ kind: 'train', runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec });

const multiTask = (h: Partial<Hyperparameters>, choice: MultiTaskChoice = {}): TrainJob =>
  jobOf(
    multiTaskSpec({
      baseModelDigest: base,
      datasetDigest: dataset,
      tasks: [
        task('colour', ['blue', 'red'], { labelColumn: 'sparseColour' }),
        task('animal', ['cat', 'dog'], { labelColumn: 'sparseAnimal', weight: 0.5 }),
      ],
      hyperparameters: { ...defaults, dropout: 0, ...h },
      ...choice,
    }),
  );

async function finish(job: TrainJob) {
  const recorded = recordingContext();
  const outcome = await train(job, recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, model: outcome.model };
}

describe('multi-task fine-tuning', () => {
  it.each(['fixed', 'uncertainty'] as const)(
    'learns both tasks with %s weights, labels missing',
    async (lossWeighting) => {
      const { series, model, statuses } = await finish(multiTask({ epochs: 8, learningRate: 0.01 }, { lossWeighting }));
      expect(statuses).toEqual(['TRAINING', 'EVALUATING']);
      expect(model.manifest.heads).toEqual([
        { kind: 'classification', task: 'colour', labels: ['blue', 'red'] },
        { kind: 'classification', task: 'animal', labels: ['cat', 'dog'] },
      ]);
      for (const name of ['colour', 'animal']) {
        const f1 = [...series(`validation/${name}/f1`).values()];
        expect(f1).toHaveLength(8);
        expect(f1.at(-1), name).toBeGreaterThan(0.9);
      }
    },
  );

  it('is supervised training when the other task has no labels', async () => {
    const rows = sentences(80).map((row) => ({ ...row, labels: { colour: row.labels.colour ?? null, none: null } }));
    const datasetDigest = await writeDataset(workshop.store, workshop.folder, rows);
    const labels = ['blue', 'red'];
    const tasks = [task('colour', labels), task('none', labels)];
    const multi = await finish(multiTask({ epochs: 2, dropout: 0.1 }, { datasetDigest, tasks }));
    const hyperparameters = { ...defaults, epochs: 2, dropout: 0.1 };
    const single = await finish(
      jobOf(supervisedSpec({ baseModelDigest: base, datasetDigest, labelColumn: 'colour', labels, hyperparameters })),
    );
    const losses = [...multi.series('train/loss').values()] as number[];
    for (const [index, loss] of [...single.series('train/loss').values()].entries()) {
      expect(losses[index]).toBeCloseTo(loss ?? Number.NaN, 5);
    }
    expect(multi.series('validation/none/f1').size).toBe(0);
    expect([...multi.series('validation/loss').values()]).toEqual([...multi.series('validation/colour/loss').values()]);
  });

  it('adds the task losses with their weights', async () => {
    const { series } = await finish(multiTask({ epochs: 1 }));
    for (const [step, loss] of series('train/loss')) {
      const colour = series('train/colour/loss').get(step) ?? Number.NaN;
      const animal = series('train/animal/loss').get(step) ?? Number.NaN;
      expect(loss).toBeCloseTo(colour + 0.5 * animal, 5);
    }
    expect(new Set(series('train/animal/lossWeight').values())).toEqual(new Set([0.5]));
  });

  it('learns the weights under uncertainty: the loss is Σ exp(−s) L + s / 2, and weights start at 1', async () => {
    const { series } = await finish(multiTask({ epochs: 2, learningRate: 0.02 }, { lossWeighting: 'uncertainty' }));
    const weights = ['colour', 'animal'].map((name) => series(`train/${name}/lossWeight`));
    expect(weights.map((weight) => weight.get(1))).toEqual([1, 1]);
    for (const [step, loss] of series('train/loss')) {
      const terms = ['colour', 'animal'].map((name, k) => {
        const weight = weights[k]?.get(step) ?? Number.NaN;
        return weight * (series(`train/${name}/loss`).get(step) ?? Number.NaN) - Math.log(weight) / 2;
      });
      expect(loss).toBeCloseTo((terms[0] ?? 0) + (terms[1] ?? 0), 5);
    }
    // ∂/∂s = 1/2 − exp(−s) L: at s = 0 a weight falls while its loss is above 1/2, as ln 2 is.
    for (const weight of weights) expect(weight.get(4)).toBeLessThan(1);
  });

  it('accumulates to the same update as one large batch, with labels missing', async () => {
    const h = { epochs: 1, maxLength: 4, warmupRatio: 0, schedule: 'constant' } as const;
    const losses = async (parts: Partial<Hyperparameters>) => {
      const { series } = await finish(multiTask({ ...h, ...parts }, { lossWeighting: 'uncertainty' }));
      return ['train/loss', 'train/colour/loss', 'train/animal/loss', 'train/gradientNorm'].map((key) =>
        series(key).get(1),
      );
    };
    const whole = await losses({ batchSize: 180 });
    const parts = await losses({ batchSize: 45, gradientAccumulationSteps: 4 });
    for (const [index, value] of parts.entries()) expect(value).toBeCloseTo(whole[index] ?? Number.NaN, 5);
  });

  it('moves nothing of a task that a batch has no label of', async () => {
    const onlyColour = (row: Row): Row => ({ ...row, labels: { ...row.labels, sparseAnimal: null } });
    const rows = sentences(40).map((row) => (row.split === 'train' ? onlyColour(row) : row));
    const datasetDigest = await writeDataset(workshop.store, workshop.folder, rows);
    const { series } = await finish(
      multiTask({ epochs: 2, weightDecay: 0 }, { datasetDigest, lossWeighting: 'uncertainty' }),
    );
    expect(series('train/animal/loss').size).toBe(0);
    expect(new Set(series('train/animal/lossWeight').values())).toEqual(new Set([1]));
    expect(new Set(series('train/colour/lossWeight').values()).size).toBeGreaterThan(1);
    // Validation has labels of both.
    expect(series('validation/animal/f1').size).toBe(2);
  });

  it('watches one task for early stopping', async () => {
    const earlyStopping = { metric: 'validation/animal/f1', patience: 1, minDelta: 0 };
    const { series, logged } = await finish(multiTask({ epochs: 20, earlyStopping }));
    expect(series('validation/animal/f1').size).toBeLessThan(20);
    expect(logged().some((line) => line.includes('validation/animal/f1 no longer improves'))).toBe(true);
  });
});
