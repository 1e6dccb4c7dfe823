import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import type { ResumePoint, StopReason } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { languageModellingSpec, multiTaskSpec, supervisedSpec, task } from '../../support/specs.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTinyModel } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let common: { readonly baseModelDigest: string; readonly datasetDigest: string };

beforeAll(async () => {
  workshop = await openWorkshop();
  common = {
    baseModelDigest: await writeTinyModel(workshop.store),
    datasetDigest: await writeDataset(workshop.store, workshop.folder, sentences(120)),
  };
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** BERT, every dropout as its configuration has it. */
async function encoder(h: Partial<Hyperparameters>): Promise<TrainJob> {
  const { spec, ...job } = supervised({
    epochs: 3,
    checkpointEverySteps: 4,
    pooling: 'firstToken',
    dropout: null,
    ...h,
  });
  return { ...job, spec: { ...spec, baseModelDigest: await writeTinyEncoder(workshop.store, 'bert') } };
}

const jobOf = (spec: RunSpec): TrainJob => ({ kind: 'train', runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec });

const supervised = (h: Partial<Hyperparameters>): TrainJob =>
  jobOf(
    supervisedSpec({
      ...common,
      labelColumn: 'colour',
      labels: ['blue', 'red'],
      classWeights: { kind: 'balanced' },
      hyperparameters: { ...defaults, ...h },
    }),
  );

const multiTask = (h: Partial<Hyperparameters>): TrainJob =>
  jobOf(
    multiTaskSpec({
      ...common,
      tasks: [
        task('colour', ['blue', 'red'], { labelColumn: 'sparseColour' }),
        task('animal', ['cat', 'dog'], { labelColumn: 'sparseAnimal' }),
      ],
      lossWeighting: 'uncertainty',
      hyperparameters: { ...defaults, ...h },
    }),
  );

type Series = ReadonlyMap<number, number | null>;

async function unbroken(job: TrainJob) {
  const recorded = recordingContext();
  const outcome = await train(job, recorded.context, workshop.tools);
  if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
  return { digest: outcome.model?.digest, losses: recorded.series('train/loss'), beats: recorded.beats() };
}

/** Runs attempt after attempt, each ended by the next interruption; the last one finishes. */
async function interrupted(
  job: TrainJob,
  interruptions: readonly ({ killAtStep: number } | { stopAtBeat: number; reason: StopReason })[],
) {
  const losses = new Map<number, number | null>();
  let resume: ResumePoint | null = null;
  for (const interruption of [...interruptions, null]) {
    const recorded = recordingContext({
      resume,
      ...(interruption !== null && 'killAtStep' in interruption && { killAtStep: interruption.killAtStep }),
      ...(interruption !== null &&
        'reason' in interruption && {
          wishAt: (beats: number) => (beats >= interruption.stopAtBeat ? interruption.reason : null),
        }),
    });
    const outcome = await train(job, recorded.context, workshop.tools).catch((error: unknown) => {
      if (error instanceof Killed) return { kind: 'killed' as const };
      throw error;
    });
    // The highest attempt counts for each step.
    for (const [step, loss] of recorded.series('train/loss')) losses.set(step, loss);
    if (interruption === null) {
      if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
      return { digest: outcome.model?.digest, losses: losses as Series };
    }
    if ('reason' in interruption) expect(outcome).toEqual({ kind: 'stopped', reason: interruption.reason });
    else expect(outcome).toEqual({ kind: 'killed' });
    resume = recorded.lastCheckpoint();
  }
  throw new Error('unreachable: the last attempt returns');
}

describe('a run that is interrupted and resumed ends with the bytes of an unbroken one', () => {
  it.each([
    ['supervised', () => supervised({ epochs: 3, checkpointEverySteps: 4 })],
    [
      'accumulating',
      () => supervised({ epochs: 3, gradientAccumulationSteps: 3, checkpointEverySteps: 2, schedule: 'cosine' }),
    ],
    ['multi-task', () => multiTask({ epochs: 3, gradientAccumulationSteps: 2, checkpointEverySteps: 3 })],
    ['from the frozen encoder’s outputs', () => supervised({ epochs: 3, freeze: { kind: 'encoder' } })],
    [
      'with early stopping',
      () =>
        supervised({
          epochs: 12,
          earlyStopping: { metric: 'validation/loss', patience: 1, minDelta: 0.02 },
          learningRate: 0.02,
        }),
    ],
    ['BERT in full', () => encoder({})],
    [
      'BERT above a frozen prefix, mean-pooled',
      () => encoder({ freeze: { kind: 'prefix', layers: 1 }, pooling: 'mean' }),
    ],
    [
      'a language model',
      async () =>
        jobOf(
          languageModellingSpec({
            baseModelDigest: await writeTinyEncoder(workshop.store, 'llama', { languageModel: true }),
            datasetDigest: common.datasetDigest,
            hyperparameters: { ...defaults, dropout: null, epochs: 4, batchSize: 4, evaluateEverySteps: 3 },
          }),
        ),
    ],
    [
      'BERT on masked words',
      async () =>
        jobOf(
          languageModellingSpec({
            baseModelDigest: await writeTinyEncoder(workshop.store, 'bert', { mask: true }),
            datasetDigest: common.datasetDigest,
            masking: { share: 0.3, wholeWords: true },
            hyperparameters: { ...defaults, dropout: null, epochs: 4, batchSize: 4, evaluateEverySteps: 3 },
          }),
        ),
    ],
    ['BERT with an adapter', () => encoder({ adapter: lora, gradientAccumulationSteps: 2 })],
  ] as [string, () => TrainJob | Promise<TrainJob>][])('%s: killed at five random steps', async (_, makeJob) => {
    const job = await makeJob();
    const expected = await unbroken(job);
    const random = createRandom(11);
    const steps = [...expected.losses.keys()];
    const killed = Array.from({ length: 5 }, () => 1 + Math.floor(uniform(random) * steps.length)).sort(
      (a, b) => a - b,
    );
    const resumed = await interrupted(
      job,
      killed.map((killAtStep) => ({ killAtStep })),
    );
    expect([...resumed.losses].sort(([a], [b]) => a - b)).toEqual([...expected.losses]);
    expect(resumed.digest).toBe(expected.digest);
  });

  it('paused and shut down between any steps, evaluations included', async () => {
    const job = multiTask({ epochs: 2, checkpointEverySteps: 1000, gradientAccumulationSteps: 2 });
    const expected = await unbroken(job);
    // Beats of preparation come first in each attempt; from there each attempt gets a little further.
    const interruptions = [9, 8, 12, 9, 14].map((stopAtBeat, index) => ({
      stopAtBeat,
      reason: index % 2 === 0 ? ('pause' as const) : ('shutdown' as const),
    }));
    const resumed = await interrupted(job, interruptions);
    expect([...resumed.losses]).toEqual([...expected.losses]);
    expect(resumed.digest).toBe(expected.digest);
  });
});

describe('stopping', () => {
  it('cancels within one step, without a checkpoint', async () => {
    const full = await unbroken(supervised({ epochs: 2, gradientAccumulationSteps: 2, checkpointEverySteps: 1000 }));
    const recorded = recordingContext({ wishAt: (beats) => (beats === 9 ? 'cancel' : null) });
    const outcome = await train(
      supervised({ epochs: 2, gradientAccumulationSteps: 2, checkpointEverySteps: 1000 }),
      recorded.context,
      workshop.tools,
    );
    expect(outcome).toEqual({ kind: 'stopped', reason: 'cancel' });
    expect(recorded.beats()).toBe(9);
    expect(recorded.checkpoints).toEqual([]);
    expect(recorded.series('train/loss').size).toBeLessThan(full.losses.size);
  });

  it('leaves at once while preparing', async () => {
    const recorded = recordingContext({ wishAt: () => 'pause' });
    const outcome = await train(supervised({}), recorded.context, workshop.tools);
    expect(outcome).toEqual({ kind: 'stopped', reason: 'pause' });
    expect(recorded.statuses).toEqual([]);
  });
});

describe('checkpoints', () => {
  it('are written every so many steps and after each epoch, never twice for a step', async () => {
    const recorded = recordingContext();
    await train(supervised({ epochs: 2, checkpointEverySteps: 4 }), recorded.context, workshop.tools);
    // 90 training examples: 12 steps an epoch, the twelfth saved after its evaluation.
    expect(recorded.checkpoints.map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 24]);
    const validation = [...recorded.series('validation/loss').values()] as [number, number];
    expect(recorded.checkpoints.map(({ best }) => best)).toEqual([
      false,
      false,
      true,
      false,
      false,
      validation[1] < validation[0],
    ]);
    for (const { artifacts, sizeBytes } of recorded.checkpoints) {
      for (const { digest } of artifacts) expect(await workshop.store.has(digest)).toBe(true);
      expect(artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0)).toBe(sizeBytes);
    }
  });
});
