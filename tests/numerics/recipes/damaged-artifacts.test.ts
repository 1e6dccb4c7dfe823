import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import { createShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { Problem } from '../../../src/protocol/run-event.js';
import { type Damage, damage, damages } from '../../support/damage.js';
import { supervisedSpec } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let dataset: string;
let model: string;
let manifest: ModelManifest;
let intact: ReadonlyMap<string, Buffer>;

const specOf = (baseModelDigest: string) =>
  supervisedSpec({
    baseModelDigest,
    datasetDigest: dataset,
    labelColumn: 'colour',
    labels: ['blue', 'red'],
    hyperparameters: { ...defaults, epochs: 1, adapter: lora, pooling: 'firstToken' },
  });

const trainOn = (baseModelDigest: string) =>
  train(
    { kind: 'train', runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec: specOf(baseModelDigest) },
    recordingContext().context,
    workshop.tools,
  );

beforeAll(async () => {
  workshop = await openWorkshop();
  dataset = await writeDataset(workshop.store, workshop.folder, sentences(60));
  const outcome = await trainOn(await writeTinyEncoder(workshop.store, 'bert'));
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  model = outcome.model.digest;
  manifest = ModelManifest.parse(JSON.parse((await workshop.store.read(model)).toString()));
  const digests = [
    model,
    manifest.weights.digest,
    manifest.adapter!.weights.digest,
    manifest.tokenizer.digest,
    dataset,
  ];
  intact = new Map(
    await Promise.all(digests.map(async (digest) => [digest, await workshop.store.read(digest)] as const)),
  );
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** The problems of all jobs that read a model or a dataset, by the kind of job; a fresh lane, which keeps no model. */
async function problems(): Promise<Record<'predict' | 'evaluate' | 'export' | 'train', Problem | null>> {
  const jobs = createShortJobs(workshop.tools.engine, workshop.store, 1e9);
  const { context } = recordingContext();
  const evaluation = {
    evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12',
    split: 'validation',
    textColumn: 'text',
    pairColumn: null,
    tasks: [{ task: 'colour', targetColumns: ['colour'] }],
  };
  const named = { modelDigest: model, datasetDigest: dataset };
  const problemIn = (outcome: Awaited<ReturnType<typeof train>>) =>
    outcome.kind === 'failed' ? outcome.problem : null;
  const tools = { store: workshop.store, onProgress: () => undefined, discard: async () => undefined };
  try {
    return {
      predict: problemIn(
        await jobs.run({ kind: 'predict', modelDigest: model, texts: ['a red cat'], pairs: null }, context),
      ),
      evaluate: problemIn(await jobs.run({ kind: 'evaluate', ...named, ...evaluation }, context)),
      export: await exportModel({ modelDigest: model, format: 'huggingFace' }, tools).then(
        () => null,
        (error: unknown) => (error instanceof ProblemError ? error.problem : Promise.reject(error)),
      ),
      train: problemIn(await trainOn(model)),
    };
  } finally {
    await jobs.release();
  }
}

const files: readonly [string, () => string, string][] = [
  ['the manifest of a model', () => model, 'the model’s manifest'],
  ['the weights of a model', () => manifest.weights.digest, 'the model’s weights'],
  ['the adapter of a model', () => manifest.adapter!.weights.digest, 'the weights of the model’s adapter'],
  ['the tokenizer of a model', () => manifest.tokenizer.digest, 'tokenizer'],
];

test.each<[string, Damage, () => string, string]>(
  files
    .flatMap(([file, digest, named]) => damages.map((how) => [file, how, digest, named] as const))
    .map((each) => [...each]),
)('%s, %s: all that reads it says which file is at fault, and what to do', async (_, how, digestOf, named) => {
  const digest = digestOf();
  await damage(workshop.store, digest, how);
  const state = how === 'missing' ? 'is not in the artifact store' : 'is damaged';
  const expected = {
    code: 'MISSING_ARTIFACT',
    message: expect.stringMatching(new RegExp(`${named}.* ${state}$`)),
    hint: expect.stringContaining(`The file artifacts/${digest.slice(0, 2)}/${digest} `),
  };
  expect(await problems()).toMatchObject({
    predict: expected,
    evaluate: expected,
    export: expected,
    train: expected,
  });
  await workshop.store.write(intact.get(digest)!);
});

test.each(damages)('a dataset, %s: training and evaluation say so', async (how) => {
  await damage(workshop.store, dataset, how);
  const expected = { code: 'MISSING_ARTIFACT', message: expect.stringMatching(/^the dataset version \(artifact/) };
  expect(await problems()).toMatchObject({ predict: null, evaluate: expected, export: null, train: expected });
  await workshop.store.write(intact.get(dataset)!);
});

test('the files, written again, are read again', async () => {
  expect(await problems()).toEqual({ predict: null, evaluate: null, export: null, train: null });
});
