import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { type LanguageChoice, languageModellingSpec, supervisedSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  datasetDigest = await writeDataset(workshop.store, workshop.folder, sentences(160));
});
afterAll(() => workshop[Symbol.asyncDispose]());

const usual: Partial<Hyperparameters> = { ...defaults, dropout: 0, epochs: 3, batchSize: 8, pooling: null };
const masking = { share: 0.15, wholeWords: false };

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
type Family = (typeof families)[number];
type Has = Parameters<typeof writeTinyEncoder>[2];
const baseOf = (family: Family, has: Has = {}) =>
  writeTinyEncoder(workshop.store, family, {
    mask: true,
    languageModel: true,
    pooler: family !== 'modernbert' || has?.languageModel !== false,
    ...has,
  });

async function finish(base: string, more: Partial<Hyperparameters> = {}, choice: LanguageChoice = {}) {
  const spec = languageModellingSpec({
    baseModelDigest: base,
    datasetDigest,
    masking,
    ...choice,
    hyperparameters: { ...usual, ...more },
  });
  const recorded = recordingContext();
  const outcome = await train(jobOf(spec), recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, model: outcome.model };
}

async function tensorsOf(manifest: ModelManifest) {
  return readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors;
}

const predictorOf = ({ layers }: ModelManifest) =>
  layers.flatMap(({ tensors }) => tensors.map(({ name }) => name)).filter((name) => name.startsWith('lm_head.'));

/** The module of projection and norm: ModernBERT's is its pooler. */
const ofPredictor = (family: Family) => (family === 'modernbert' ? 'pooler' : 'lm_head');
const wholePredictor = (family: Family) =>
  (family === 'modernbert' ? ['bias'] : ['dense.weight', 'dense.bias', 'norm.weight', 'norm.bias', 'bias']).map(
    (one) => `lm_head.${one}`,
  );

const learned = new Map<Family, ReturnType<typeof finish>>();

/** The run that has learned masked tokens, of which several tests have need. */
async function learnedBy(family: Family) {
  const run = learned.get(family) ?? finish(await baseOf(family), { epochs: 25 });
  learned.set(family, run);
  return run;
}

describe.each(families)('%s', (family) => {
  it('learns masked tokens, and tells what the base model could do', async () => {
    const { series, model } = await learnedBy(family);
    const perplexities = series('validation/perplexity');
    expect([...perplexities.keys()][0]).toBe(0);
    expect(last(perplexities)).toBeLessThan(0.8 * perplexities.get(0)!);
    expect(Math.log(last(perplexities)!)).toBeCloseTo(last(series('validation/loss'))!, 5);
    expect(last(series('validation/tokenAccuracy'))).toBeGreaterThan(series('validation/tokenAccuracy').get(0)!);
    // Only some bytes of a text are predicted.
    expect(series('validation/bitsPerByte').size).toBe(0);
    expect(model.manifest).toMatchObject({ heads: [], maxLength: 24 });
    expect(predictorOf(model.manifest)).toEqual(wholePredictor(family));
  });

  it('gets what predicts them where the base model has none, which knows how often tokens occur; all is trained on', async () => {
    const base = await baseOf(family, { languageModel: false });
    // Nothing is learned by a rate of 0.
    const { model, logged, series } = await finish(base, { epochs: 1, learningRate: 1e-30, weightDecay: 0 });
    expect(logged().join('\n')).toContain('What predicts masked tokens: new');
    expect(predictorOf(model.manifest)).toEqual(wholePredictor(family));
    const tensors = await tensorsOf(model.manifest);
    expect(new Set(tensors.get(`${ofPredictor(family)}.norm.weight`)!.data)).toEqual(new Set([1]));
    // Shares of all tokens, of which those of the texts have more than those that were only counted once.
    const shares = [...tensors.get('lm_head.bias')!.data].map(Math.exp);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    expect(Math.max(...shares)).toBeGreaterThan(20 * Math.min(...shares));
    const weights = [...tensors.get(`${ofPredictor(family)}.dense.weight`)!.data];
    const deviation = Math.sqrt(weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length);
    // Of 256 draws: 0.02 ± 4 · 0.02 / √512.
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.0036);

    // A second training goes on from it, and what is measured before is what was measured last.
    const again = await finish(model.digest, { epochs: 1 });
    expect(again.logged().join('\n')).not.toContain('What predicts masked tokens: new');
    expect(again.series('validation/loss').get(0)).toBeCloseTo(last(series('validation/loss'))!, 6);
  });

  it('equal specs give equal bytes, and another seed masks others', async () => {
    const base = await baseOf(family);
    const [first, second] = [await finish(base, { dropout: null }), await finish(base, { dropout: null })];
    expect(second.model.digest).toBe(first.model.digest);
    const other = await finish(base, { dropout: null, seed: 99 });
    expect(other.series('validation/loss').get(0)).not.toBe(first.series('validation/loss').get(0));
  });

  it('trains an adapter, with what predicts tokens beside it where that is new', async () => {
    const adapter = { ...lora, targetModules: [...traitsOf({ architecture: family }).defaultTargets] };
    const base = await baseOf(family, { languageModel: false });
    const { model, series } = await finish(base, { adapter, epochs: 15, learningRate: 0.01 });
    const manifest = JSON.parse((await workshop.store.read(base)).toString()) as ModelManifest;
    expect(model.manifest.weights).toEqual(manifest.weights);
    const beside = readSafetensors(await workshop.store.read(model.manifest.adapter!.weights.digest)).tensors;
    expect(wholePredictor(family).every((name) => beside.has(name))).toBe(true);
    expect(last(series('validation/loss'))).toBeLessThan(series('validation/loss').get(0)!);
    // What is saved is what was measured: it is read again, merged.
    const again = await finish(model.digest, { epochs: 1 });
    expect(again.series('validation/loss').get(0)).toBeCloseTo(last(series('validation/loss'))!, 5);
  });

  it('is the base of a classifier in full, which drops what predicts tokens', async () => {
    const { model } = await learnedBy(family);
    const spec = supervisedSpec({
      baseModelDigest: model.digest,
      datasetDigest,
      labelColumn: 'animal',
      labels: ['cat', 'dog'],
      hyperparameters: { ...defaults, epochs: 1, pooling: 'mean' },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    expect(predictorOf(outcome.model.manifest)).toEqual([]);
  });
});

describe('a model whose files say how it pools', () => {
  it('still says so when it has learned texts', async () => {
    const manifest = JSON.parse((await workshop.store.read(await baseOf('bert'))).toString()) as ModelManifest;
    const pooled = { ...manifest, pooling: 'mean' };
    const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(pooled)));
    const { model } = await finish(digest, { epochs: 1 });
    expect(model.manifest.pooling).toBe('mean');
  });
});

describe('documents', () => {
  it('are divided where they are longer than a row, each part between special tokens', async () => {
    const { logged } = await finish(await baseOf('bert'), { maxLength: 4, epochs: 1 });
    const line = logged().find((each) => each.startsWith('Split train'))!;
    expect(line).toContain('divided, as they have more than 4 tokens');
  });

  it('are measured on control texts too, with equal masks at every evaluation', async () => {
    const control = await writeDataset(workshop.store, workshop.folder, [
      ...Array.from({ length: 20 }, () => ({ text: 'now here a the dog', split: 'test', labels: { none: null } })),
    ]);
    const { series } = await finish(
      await baseOf('bert'),
      { learningRate: 1e-30, weightDecay: 0 },
      { control: { datasetDigest: control, split: 'test', textColumn: 'text' } },
    );
    for (const key of ['control/loss', 'validation/loss'])
      expect(new Set(series(key).values()), key).toHaveProperty('size', 1);
  });
});

describe('refused', () => {
  const problemOf = async (base: string) => {
    const spec = languageModellingSpec({
      baseModelDigest: base,
      datasetDigest,
      masking,
      hyperparameters: { ...usual },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    return outcome.kind === 'failed' ? outcome.problem : outcome;
  };

  it('a decoder, and a tokenizer without a mask', async () => {
    const decoder = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
    expect(await problemOf(decoder)).toMatchObject({ code: 'INVALID_VALUE', hint: expect.stringContaining('BERT') });
    const unmasked = await baseOf('bert', { mask: false });
    expect(await problemOf(unmasked)).toMatchObject({ message: expect.stringContaining('no special token [MASK]') });
  });
});
