import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { type LanguageChoice, languageModellingSpec } from '../../support/specs.js';
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

const usual: Partial<Hyperparameters> = { ...defaults, dropout: 0, epochs: 3, batchSize: 8 };

type Family = 'gpt2' | 'llama' | 'mistral' | 'qwen3' | 'gemma3_text';
const baseOf = (family: Family) => writeTinyEncoder(workshop.store, family, { languageModel: family !== 'gpt2' });

async function finish(family: Family, more: Partial<Hyperparameters> = {}, choice: LanguageChoice = {}) {
  const spec = languageModellingSpec({
    baseModelDigest: await baseOf(family),
    datasetDigest,
    ...choice,
    hyperparameters: { ...usual, ...more },
  });
  const recorded = recordingContext();
  const outcome = await train(jobOf(spec), recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, model: outcome.model };
}

async function tensorsOf({ manifest }: { readonly manifest: ModelManifest }) {
  return readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors;
}

function expectEqualSeries(actual: ReadonlyMap<number, number | null>, expected: typeof actual, digits: number) {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [step, value] of expected)
    expect(actual.get(step), `step ${step}`).toBeCloseTo(value ?? Number.NaN, digits);
}

describe.each(['llama', 'mistral', 'qwen3', 'gemma3_text', 'gpt2'] as const)('%s', (family) => {
  it('learns the texts, and tells what the base model could do', async () => {
    const { series, model, checkpoints } = await finish(family, { epochs: 6 });
    const perplexities = series('validation/perplexity');
    expect([...perplexities.keys()][0]).toBe(0);
    // 14 words and special tokens: a base model with random weights knows nothing.
    expect(perplexities.get(0)).toBeGreaterThan(9);
    expect(last(perplexities)).toBeLessThan(6);
    expect(Math.log(last(perplexities)!)).toBeCloseTo(last(series('validation/loss'))!, 5);
    expect(last(series('validation/tokenAccuracy'))).toBeGreaterThan(series('validation/tokenAccuracy').get(0)!);
    expect(last(series('train/tokensPerSecond'))).toBeGreaterThan(0);
    expect(model.manifest).toMatchObject({ heads: [], pooling: null, maxLength: 24 });
    expect(checkpoints.length).toBeGreaterThan(0);
  });

  it('rows of several documents give what rows of one give: no token reads another document', async () => {
    // One batch an epoch has all rows, whatever is in them.
    const all = { batchSize: 128, epochs: 4 };
    const packed = await finish(family, all);
    const separate = await finish(family, all, { packing: 'separate' });
    expect(packed.logged().some((line) => line.includes('packed into'))).toBe(true);
    expectEqualSeries(packed.series('train/loss'), separate.series('train/loss'), 4);
    expectEqualSeries(packed.series('validation/loss'), separate.series('validation/loss'), 4);
    expectEqualSeries(packed.series('validation/bitsPerByte'), separate.series('validation/bitsPerByte'), 4);
  });

  it('one batch of all rows and eight of an eighth of them give the same updates, by tokens', async () => {
    const separate = { packing: 'separate' } as const;
    const together = await finish(family, { batchSize: 120, epochs: 4 }, separate);
    const parts = await finish(family, { batchSize: 15, gradientAccumulationSteps: 8, epochs: 4 }, separate);
    expectEqualSeries(parts.series('train/loss'), together.series('train/loss'), 4);
    expectEqualSeries(parts.series('validation/loss'), together.series('validation/loss'), 4);
    expect(together.series('train/loss').size).toBe(4);
  });

  it('equal specs give equal bytes', async () => {
    const [first, second] = [await finish(family, { dropout: null }), await finish(family, { dropout: null })];
    expect(second.model.digest).toBe(first.model.digest);
  });

  it('trains an adapter, and leaves the weights as they are', async () => {
    const adapter = family === 'gpt2' ? { ...lora, targetModules: ['c_attn'] } : lora;
    const { model, series } = await finish(family, { adapter, epochs: 6 });
    const base = JSON.parse((await workshop.store.read(await baseOf(family))).toString()) as ModelManifest;
    expect(model.manifest.weights).toEqual(base.weights);
    expect(model.manifest.adapter).not.toBeNull();
    expect(last(series('validation/loss'))).toBeLessThan(series('validation/loss').get(0)!);
  });

  it('trains the layers above a frozen prefix alone', async () => {
    const { model } = await finish(family, { freeze: { kind: 'prefix', layers: 1 }, epochs: 1 });
    const base = JSON.parse((await workshop.store.read(await baseOf(family))).toString()) as ModelManifest;
    const [before, after] = [await tensorsOf({ manifest: base }), await tensorsOf(model)];
    const changed = [...before].flatMap(([name, { data }]) =>
      data.every((value, i) => value === after.get(name)!.data[i]) ? [] : [name],
    );
    const [frozen, trained] = family === 'gpt2' ? [/^(wte|wpe|h\.0)/, 'h.1.'] : [/^(embed|layers\.0)/, 'layers.1.'];
    expect(changed.filter((name) => frozen.test(name))).toEqual([]);
    expect(changed.some((name) => name.startsWith(trained))).toBe(true);
    if (family !== 'gpt2') expect(changed).toContain('lm_head.weight');
  });
});

describe('documents', () => {
  it('are divided where they are longer than a row, and every token is predicted once', async () => {
    const long = await finish('llama', { maxLength: 8, epochs: 1 });
    const whole = await finish('llama', { maxLength: 36, epochs: 1 });
    const line = (logged: readonly string[]) => logged.find((each) => each.startsWith('Split train'))!;
    expect(line(long.logged())).toContain('divided, as they have more than 8 tokens');
    const tokens = (run: typeof long) => run.series('train/tokensPerSecond').size;
    expect(tokens(long)).toBeGreaterThan(tokens(whole));
  });

  it('are measured on control texts too', async () => {
    const control = await writeDataset(workshop.store, workshop.folder, [
      { text: 'now here a the dog', split: 'test', labels: { none: null } },
      { text: null, split: 'test', labels: { none: null } },
    ]);
    const { series, logged } = await finish(
      'llama',
      {},
      { control: { datasetDigest: control, split: 'test', textColumn: 'text' } },
    );
    expect([...series('control/perplexity').keys()]).toEqual([...series('validation/perplexity').keys()]);
    // Five words and the end, 18 bytes.
    const loss = series('control/loss').get(0)!;
    expect(series('control/bitsPerByte').get(0)).toBeCloseTo((6 * loss) / Math.LN2 / 18, 5);
    expect(logged().join('\n')).toContain('left out: 1 rows without a text');
  });
});

describe('evaluations', () => {
  it('happen every few steps where the spec says so, and at the end of each epoch', async () => {
    const { series, checkpoints } = await finish('llama', {
      epochs: 2,
      batchSize: 4,
      evaluateEverySteps: 4,
      checkpointEverySteps: 1000,
    });
    const steps = series('train/loss').size / 2;
    const expected = new Set([0, steps, 2 * steps]);
    for (let step = 4; step < 2 * steps; step += 4) expected.add(step);
    expect([...series('validation/loss').keys()]).toEqual([...expected].sort((a, b) => a - b));
    expect(checkpoints.map(({ step }) => step)).toEqual([...expected].filter((step) => step > 0).sort((a, b) => a - b));
  });

  it('end a training within an epoch where it no longer improves', async () => {
    const { series, logged } = await finish('llama', {
      epochs: 40,
      batchSize: 4,
      learningRate: 0.05,
      evaluateEverySteps: 2,
      earlyStopping: { metric: 'validation/perplexity', patience: 2, minDelta: 0.5 },
    });
    expect(series('train/loss').size).toBeLessThan(200);
    expect(logged().join('\n')).toContain('validation/perplexity no longer improves');
  });
});

describe('refused', () => {
  it('a model that reads in both directions', async () => {
    const spec = languageModellingSpec({
      baseModelDigest: await writeTinyEncoder(workshop.store, 'bert'),
      datasetDigest,
      hyperparameters: { ...usual },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'INVALID_VALUE' } });
  });

  it('a split without a text', async () => {
    const empty = await writeDataset(workshop.store, workshop.folder, [
      { text: '', split: 'train', labels: { none: null } },
      { text: 'a dog', split: 'validation', labels: { none: null } },
    ]);
    const spec = languageModellingSpec({
      baseModelDigest: await baseOf('llama'),
      datasetDigest: empty,
      hyperparameters: { ...usual },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'EMPTY_SPLIT', path: ['trainSplit'] } });
  });
});
