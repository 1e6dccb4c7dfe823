import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShortJobs, type ShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import type { JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { multiTaskSpec, type SupervisedChoice, supervisedSpec, task } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTinyModel } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

const families = [
  'bert',
  'distilbert',
  'roberta',
  'xlm-roberta',
  'electra',
  'mpnet',
  'deberta-v2',
  'modernbert',
] as const;

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let jobs: ShortJobs;
let dataset: string;
let bert: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  jobs = createShortJobs(workshop.tools.engine, workshop.store, 1e9);
  const rows = sentences(160, { maxFiller: 5 });
  // The second text of every pair tells what the first does not: whether both name one animal.
  const paired = rows.map((row, index) => {
    const other = index % 2 === 0 ? row.labels.animal : row.labels.animal === 'cat' ? 'dog' : 'cat';
    return { ...row, labels: { ...row.labels, second: `the ${other} sleeps`, same: index % 2 === 0 ? 'yes' : 'no' } };
  });
  dataset = await writeDataset(workshop.store, workshop.folder, paired);
  bert = await writeTinyEncoder(workshop.store, 'bert');
});
afterAll(async () => {
  await jobs.release();
  await workshop[Symbol.asyncDispose]();
});

const runId = '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11';
const encoderDefaults: Hyperparameters = {
  ...defaults,
  pooling: 'firstToken',
  dropout: null,
  maxLength: 16,
  epochs: 1,
};

function supervised(
  baseModelDigest: string,
  h: Partial<Hyperparameters> = {},
  choice: SupervisedChoice = {},
): TrainJob {
  return {
    kind: 'train',
    runId,
    spec: supervisedSpec({
      baseModelDigest,
      datasetDigest: dataset,
      labelColumn: 'colour',
      labels: ['blue', 'red'],
      hyperparameters: { ...encoderDefaults, ...h },
      ...choice,
    }),
  };
}

async function trained(job: TrainJob) {
  const recorded = recordingContext();
  const outcome = await train(job, recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...outcome.model, recorded };
}

/** Scores of the model that was written: read from its files, an adapter merged. */
async function evaluate(
  modelDigest: string,
  tasks: { task: string; targetColumns: string[] }[],
  pairColumn: string | null,
) {
  const job = { kind: 'evaluate' as const, evaluationId: runId, modelDigest, split: 'validation', tasks };
  const columns = { datasetDigest: dataset, textColumn: 'text', pairColumn };
  const outcome: JobOutcome = await jobs.run({ ...job, ...columns }, recordingContext().context);
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'evaluate') throw new Error(JSON.stringify(outcome));
  return outcome.result.tasks;
}

async function tensorsOf(digest: string) {
  return readSafetensors(await workshop.store.read(digest)).tensors;
}

async function manifestOf(digest: string): Promise<ModelManifest> {
  return JSON.parse((await workshop.store.read(digest)).toString());
}

const last = (series: ReadonlyMap<number, number | null>) => [...series.values()].at(-1) ?? Number.NaN;

describe('encoders of every family', () => {
  const ways: [string, Partial<Hyperparameters>][] = [
    ['in full', { pooling: 'firstToken' }],
    ['in full, mean-pooled', { pooling: 'mean' }],
    ['above a frozen prefix', { freeze: { kind: 'prefix', layers: 1 } }],
    ['the pooler and heads alone', { freeze: { kind: 'prefix', layers: 2 } }],
    ['heads alone', { freeze: { kind: 'encoder' } }],
    ['heads alone, mean-pooled', { freeze: { kind: 'encoder' }, pooling: 'mean' }],
    ['an adapter', { adapter: lora }],
    ['an adapter, mean-pooled', { adapter: { ...lora, rankStabilized: true }, pooling: 'mean' }],
  ];
  const cases = families.flatMap((family) => ways.map(([way, h]) => ({ family, way, h })));

  it.each(cases)('$family: trains $way, and its files score as the training did', async ({ family, h }) => {
    // Both with a pooler of their own and without, as DistilBERT's and many others' files are.
    const base = await writeTinyEncoder(workshop.store, family, { pooler: family !== 'distilbert' });
    const { manifest, digest, artifacts, recorded } = await trained(supervised(base, { epochs: 2, ...h }));
    const losses = [...recorded.series('train/loss').values()] as number[];
    expect(losses.every(Number.isFinite)).toBe(true);
    const [scores] = await evaluate(digest, [{ task: 'colour', targetColumns: ['colour'] }], null);
    expect(scores?.loss).toBeCloseTo(last(recorded.series('validation/loss')), 5);
    expect(scores).toMatchObject({ accuracy: last(recorded.series('validation/accuracy')) });
    const { hyperparameters } = supervised(base, h).spec;
    const { pooling, adapter } = hyperparameters;
    expect(manifest).toMatchObject({ pooling, maxLength: 16, truncationSide: 'right', adapter: adapter && {} });
    expect(manifest.files).toEqual((await manifestOf(base)).files);
    const named = [manifest.weights, manifest.tokenizer, ...manifest.files].map((file) => file.digest);
    expect(artifacts.map((artifact) => artifact.digest)).toEqual(expect.arrayContaining([digest, ...named]));
    for (const artifact of artifacts) expect(await workshop.store.has(artifact.digest)).toBe(true);
  });

  it.each(families)('%s: learns, whatever reads the encoder', async (family) => {
    const base = await writeTinyEncoder(workshop.store, family);
    for (const pooling of ['firstToken', 'mean'] as const) {
      const { recorded } = await trained(supervised(base, { epochs: 6, pooling, dropout: 0 }));
      expect(last(recorded.series('validation/accuracy')), pooling).toBe(1);
    }
  });
});

describe('what a training leaves alone', () => {
  it('is the base model under an adapter: its weights stay the artifact they are', async () => {
    const base = await manifestOf(bert);
    const { manifest } = await trained(supervised(bert, { adapter: { ...lora, targetModules: ['query', 'value'] } }));
    expect(manifest.weights).toEqual(base.weights);
    expect(manifest.layers).toEqual(base.layers);
    const adapter = await tensorsOf(manifest.adapter?.weights.digest ?? '');
    const modules = [0, 1].flatMap((layer) =>
      ['query', 'value'].map((part) => `encoder.layer.${layer}.attention.self.${part}`),
    );
    expect([...adapter].map(([name, { shape }]) => [name, shape])).toEqual(
      [
        ...modules.flatMap((module) => [
          [`${module}.lora_A.weight`, [4, 16]],
          [`${module}.lora_B.weight`, [16, 4]],
        ]),
        ['heads.colour.weight', [2, 16]],
        ['heads.colour.bias', [2]],
      ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
    for (const module of modules) {
      const moved = adapter.get(`${module}.lora_B.weight`)?.data.some((value) => value !== 0);
      expect(moved, module).toBe(true);
    }
    // Layers, head, and four modules of 4 · (16 + 16).
    expect(manifest.parameterCount).toBe(base.parameterCount + 34 + 4 * 128);
  });

  it('is a pooler that a mean-pooled head does without: neither gradient nor decay touches it', async () => {
    const { manifest } = await trained(supervised(bert, { pooling: 'mean', weightDecay: 0.5 }));
    const [before, after] = [
      await tensorsOf((await manifestOf(bert)).weights.digest),
      await tensorsOf(manifest.weights.digest),
    ];
    for (const name of ['pooler.dense.weight', 'pooler.dense.bias']) {
      expect(after.get(name)?.data, name).toEqual(before.get(name)?.data);
    }
    expect(after.get('encoder.layer.0.output.dense.weight')?.data).not.toEqual(
      before.get('encoder.layer.0.output.dense.weight')?.data,
    );
  });

  it.each(['encoder', 'adapter'] as const)('is everything but heads and a pooler that is new: %s', async (kind) => {
    const bare = await writeTinyEncoder(workshop.store, 'bert', { pooler: false });
    const frozen: Partial<Hyperparameters> = kind === 'encoder' ? { freeze: { kind } } : { adapter: lora };
    const { manifest, recorded } = await trained(supervised(bare, frozen));
    expect(recorded.logged()).toContain('Pooler: new, as the base model has none for heads on its first token');
    expect(manifest.layers.at(-1)).toMatchObject({ name: 'pooler', index: 3, parameterCount: 272 });
    const written = await tensorsOf((kind === 'encoder' ? manifest : manifest.adapter)?.weights.digest ?? '');
    const [weight, bias] = ['weight', 'bias'].map((part) => written.get(`pooler.dense.${part}`)?.data ?? []);
    // N(0, 0.02) and 0 at the start; a fortnight of steps of 0.01 later it has moved.
    expect(Math.max(...(bias ?? []).map(Math.abs))).toBeGreaterThan(0);
    expect(Math.max(...(weight ?? []).map(Math.abs))).toBeGreaterThan(0.02);
    const before = await tensorsOf((await manifestOf(bare)).weights.digest);
    const after = await tensorsOf(manifest.weights.digest);
    for (const [name, { data }] of before) expect(after.get(name)?.data, name).toEqual(data);
  });
});

describe('a model with an adapter as the base of another training', () => {
  it('is merged first, and trained in full or with another adapter', async () => {
    const first = await trained(supervised(bert, { adapter: lora, epochs: 2 }));
    const [before] = await evaluate(first.digest, [{ task: 'colour', targetColumns: ['colour'] }], null);
    for (const h of [{}, { adapter: { ...lora, rank: 2 } }]) {
      // A learning rate of almost nothing: the second model is the first in other files.
      const second = await trained(supervised(first.digest, { ...h, learningRate: 1e-9, epochs: 1 }));
      expect(second.manifest.weights.digest).not.toBe(first.manifest.weights.digest);
      expect(second.recorded.logged()).toContain('The base model’s own adapter is merged into its weights first');
      const [after] = await evaluate(second.digest, [{ task: 'colour', targetColumns: ['colour'] }], null);
      expect(after?.loss).toBeCloseTo(before?.loss ?? Number.NaN, 4);
    }
  });
});

describe('texts', () => {
  it('of pairs are read together, with the types of their tokens', async () => {
    const pairs = { labelColumn: 'same', labels: ['no', 'yes'], pairColumn: 'second' };
    const { digest, recorded } = await trained(supervised(bert, { epochs: 1, maxLength: 24 }, pairs));
    const [together] = await evaluate(digest, [{ task: 'same', targetColumns: ['same'] }], 'second');
    expect(together?.loss).toBeCloseTo(last(recorded.series('validation/loss')), 5);
    const [alone] = await evaluate(digest, [{ task: 'same', targetColumns: ['same'] }], null);
    expect(Math.abs((alone?.loss ?? 0) - (together?.loss ?? 0))).toBeGreaterThan(1e-3);
    const answer = (pairs: string[] | null) =>
      jobs.run(
        { kind: 'predict', modelDigest: digest, texts: ['the red cat runs'], pairs },
        recordingContext().context,
      );
    expect(await answer(['the cat sleeps'])).toMatchObject({
      // [CLS] 4 words [SEP] 3 words [SEP]
      result: { predictions: [{ tokenCount: 10, truncated: false }] },
    });
    expect(await answer(null)).toMatchObject({ result: { predictions: [{ tokenCount: 6 }] } });
  });

  it('that are too long lose the side that the spec says', async () => {
    // The colour is the last word but two: of five tokens, of which two are special, only the right end has it.
    const learns = { maxLength: 5, epochs: 8, dropout: 0 };
    const left = await trained(supervised(bert, { ...learns, truncationSide: 'left' }));
    expect(last(left.recorded.series('validation/accuracy'))).toBe(1);
    expect(left.manifest.truncationSide).toBe('left');
    const right = await trained(supervised(bert, learns));
    expect(last(right.recorded.series('validation/accuracy'))).toBeLessThan(0.9);
  });
});

describe('two tasks on one encoder', () => {
  const multiTask = (baseModelDigest: string, h: Partial<Hyperparameters>): TrainJob => ({
    kind: 'train',
    runId,
    spec: multiTaskSpec({
      baseModelDigest,
      datasetDigest: dataset,
      tasks: [task('colour', ['blue', 'red']), task('animal', ['cat', 'dog'], { labelColumn: 'sparseAnimal' })],
      lossWeighting: 'uncertainty',
      hyperparameters: { ...encoderDefaults, ...h },
    }),
  });

  it.each([
    ['in full', {}],
    ['with an adapter', { adapter: lora }],
    ['heads alone', { freeze: { kind: 'encoder' } }],
  ] as [string, Partial<Hyperparameters>][])('share its pooler: %s', async (_, h) => {
    const base = await writeTinyEncoder(workshop.store, 'distilbert', { pooler: false });
    const { digest, manifest, recorded } = await trained(multiTask(base, { epochs: 2, ...h }));
    expect(manifest.heads.map(({ task }) => task)).toEqual(['colour', 'animal']);
    expect(manifest.layers.filter(({ name }) => name === 'pooler')).toHaveLength(1);
    const tasks = [
      { task: 'colour', targetColumns: ['colour'] },
      { task: 'animal', targetColumns: ['sparseAnimal'] },
    ];
    for (const { task, loss } of await evaluate(digest, tasks, null)) {
      expect(loss, task).toBeCloseTo(last(recorded.series(`validation/${task}/loss`)), 5);
    }
  });
});

describe('reproducibility', () => {
  it.each([
    ['in full', {}],
    ['with an adapter', { adapter: lora }],
  ] as [string, Partial<Hyperparameters>][])(
    'gives equal bytes for equal specs, others for another seed: %s',
    async (_, h) => {
      const job = (seed: number) => supervised(bert, { ...h, seed });
      const first = await trained(job(7));
      expect((await trained(job(7))).digest).toBe(first.digest);
      expect((await trained(job(8))).digest).not.toBe(first.digest);
    },
  );
});

it('adapts Universal Sentence Encoder Lite as well', async () => {
  const base = await writeTinyModel(workshop.store);
  const h = { pooling: null, adapter: lora, maxLength: 24 };
  const { digest, manifest, recorded } = await trained(supervised(base, h));
  expect(manifest.weights).toEqual((await manifestOf(base)).weights);
  const [scores] = await evaluate(digest, [{ task: 'colour', targetColumns: ['colour'] }], null);
  expect(scores?.loss).toBeCloseTo(last(recorded.series('validation/loss')), 5);
});
