import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShortJobs, type ShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import type { JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { TextPrediction } from '../../../src/protocol/job.js';
import { type EvaluateJob, JobResult } from '../../../src/protocol/job.js';
import { multiTaskSpec, task } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let jobs: ShortJobs;
let base: string;
let dataset: string;
let model: string;
let trained: ReturnType<typeof recordingContext>;

beforeAll(async () => {
  workshop = await openWorkshop();
  jobs = createShortJobs(workshop.tools.engine, workshop.store, 1e9);
  base = await writeTinyModel(workshop.store, 1, 4);
  dataset = await writeDataset(workshop.store, workshop.folder, sentences(240, { maxFiller: 4 }));
  trained = recordingContext();
  const outcome = await train(
    {
      kind: 'train',
      runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11',
      spec: multiTaskSpec({
        baseModelDigest: base,
        datasetDigest: dataset,
        tasks: [task('colour', ['blue', 'red']), task('animal', ['cat', 'dog'])],
        hyperparameters: { ...defaults, epochs: 6, dropout: 0 },
      }),
    },
    trained.context,
    workshop.tools,
  );
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  model = outcome.model.digest;
});
afterAll(async () => {
  await jobs.release();
  await workshop[Symbol.asyncDispose]();
});

function predict(texts: string[], modelDigest = model): Promise<JobOutcome> {
  return jobs.run({ kind: 'predict', modelDigest, texts, pairs: null }, recordingContext().context);
}

function evaluate(job: Partial<EvaluateJob> = {}): Promise<JobOutcome> {
  return jobs.run(
    {
      kind: 'evaluate',
      evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12',
      modelDigest: model,
      datasetDigest: dataset,
      split: 'validation',
      textColumn: 'text',
      pairColumn: null,
      tasks: [
        { task: 'animal', targetColumns: ['animal'] },
        { task: 'colour', targetColumns: ['colour'] },
      ],
      ...job,
    },
    recordingContext().context,
  );
}

function predictionsOf(outcome: JobOutcome) {
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'predict') throw new Error(JSON.stringify(outcome));
  JobResult.parse(outcome.result);
  return outcome.result.predictions;
}

/** What the classification heads say. */
function classes(prediction: TextPrediction | undefined) {
  return (prediction?.tasks ?? []).filter((task) => task.kind === 'classification');
}

describe('predict', () => {
  it('gives every head’s labels, the likeliest first, with probabilities that add up to 1', async () => {
    const [first, second] = predictionsOf(await predict(['the red dog runs', 'a blue cat sleeps here']));
    const best = (prediction: typeof first) => classes(prediction).map(({ task, labels }) => [task, labels[0]?.label]);
    expect(best(first)).toEqual([
      ['colour', 'red'],
      ['animal', 'dog'],
    ]);
    expect(best(second)).toEqual([
      ['colour', 'blue'],
      ['animal', 'cat'],
    ]);
    for (const { labels } of [...classes(first), ...classes(second)]) {
      expect(labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
      expect(labels[0]?.probability).toBeGreaterThan(labels[1]?.probability ?? 1);
    }
    expect(first).toMatchObject({ tokenCount: 4, truncated: false });
  });

  it('answers the same for a text alone and among many of other lengths', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `${'the '.repeat(index % 23)}red cat runs`);
    const many = predictionsOf(await predict(texts));
    for (const index of [0, 22, 45, 69]) {
      const [alone] = predictionsOf(await predict([texts[index] ?? '']));
      expect(many[index]?.tokenCount).toBe(alone?.tokenCount);
      for (const [k, { labels }] of classes(alone).entries()) {
        expect(classes(many[index])[k]?.labels[0]?.probability).toBeCloseTo(labels[0]?.probability ?? 0, 5);
      }
    }
    // 22 fillers and 3 words: cut to the 24 tokens of training.
    expect(many[22]).toMatchObject({ tokenCount: 24, truncated: true });
  });

  it('takes an empty text', async () => {
    const [empty] = predictionsOf(await predict(['']));
    expect(empty?.tokenCount).toBe(0);
    for (const { labels } of classes(empty)) expect(labels.every(({ probability }) => probability > 0)).toBe(true);
  });

  it('refuses a model without heads', async () => {
    expect(await predict(['a'], base)).toMatchObject({ kind: 'failed', problem: { code: 'NO_HEAD' } });
  });

  it('refuses a model that is not there', async () => {
    expect(await predict(['a'], 'c'.repeat(64))).toMatchObject({
      kind: 'failed',
      problem: { code: 'MISSING_ARTIFACT' },
    });
  });
});

describe('evaluate', () => {
  it('gives the scores that training measured on the same split', async () => {
    const outcome = await evaluate();
    if (outcome.kind !== 'finished' || outcome.result.kind !== 'evaluate') throw new Error(JSON.stringify(outcome));
    JobResult.parse(outcome.result);
    const [animal, colour] = outcome.result.tasks;
    for (const [scores, task] of [
      [animal, 'animal'],
      [colour, 'colour'],
    ] as const) {
      expect(scores?.task).toBe(task);
      expect(scores?.exampleCount).toBe(60);
      expect(scores).toMatchObject({ accuracy: [...trained.series(`validation/${task}/accuracy`).values()].at(-1) });
      expect(scores?.loss).toBeCloseTo([...trained.series(`validation/${task}/loss`).values()].at(-1) ?? 0, 6);
    }
  });

  it.each([
    ['UNKNOWN_TASK', { tasks: [{ task: 'mood', targetColumns: ['colour'] }] }, 'no head for the task “mood”'],
    ['UNKNOWN_COLUMN', { tasks: [{ task: 'colour', targetColumns: ['mood'] }] }, 'no column “mood”'],
    ['UNKNOWN_LABEL', { tasks: [{ task: 'colour', targetColumns: ['animal'] }] }, '“cat”'],
    ['EMPTY_SPLIT', { split: 'test' }, 'no row in split “test”'],
    ['MISSING_ARTIFACT', { datasetDigest: 'd'.repeat(64) }, 'the dataset version'],
  ])('%s', async (code, job, message) => {
    expect(await evaluate(job)).toMatchObject({
      kind: 'failed',
      problem: { code, message: expect.stringContaining(message) },
    });
  });

  it('stops when it is asked to', async () => {
    const { context } = recordingContext({ wishAt: () => 'shutdown' });
    const outcome = await jobs.run({ kind: 'predict', modelDigest: model, texts: ['a'], pairs: null }, context);
    expect(outcome).toEqual({ kind: 'stopped', reason: 'shutdown' });
  });
});
