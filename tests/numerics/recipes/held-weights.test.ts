import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdMatrix } from '../../../gpu-worker/engine/held/held-matrix.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { FrozenWeights } from '../../../src/protocol/frozen-weights.js';
import { heldFormats } from '../../../src/protocol/held-weights.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { languageModellingSpec, multiTaskSpec, supervisedSpec, task } from '../../support/specs.js';
import { h, heads, jobOf, last, openHeadWorkshop } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openHeadWorkshop>>;
beforeAll(async () => {
  workshop = await openHeadWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

type Finished = ReturnType<typeof workshop.finish>;
const runs = new Map<string, Finished>();

/** The one run of a spec that several tests look at. */
function finished(spec: RunSpec): Finished {
  const key = JSON.stringify(spec);
  const run = runs.get(key) ?? workshop.finish(spec);
  runs.set(key, run);
  return run;
}

type Family = 'bert' | 'llama' | 'gpt2';
type Format = Exclude<FrozenWeights, 'float32'>;
const formats: Format[] = ['float16', 'int8', 'int4'];

const usual: Partial<Hyperparameters> = { ...h, dropout: null, epochs: 3, maxLength: 16 };

function adapterOf(family: Family, frozenWeights?: FrozenWeights): LoraConfig {
  const targetModules = family === 'gpt2' ? ['c_attn', 'c_proj'] : ['all-linear'];
  return { ...lora, targetModules, ...(frozenWeights === undefined ? {} : { frozenWeights }) };
}

const pooling = (family: Family) => (family === 'bert' ? 'firstToken' : 'lastToken');

function headSpec(family: Family, baseModelDigest: string, frozenWeights?: FrozenWeights): RunSpec {
  return supervisedSpec({
    baseModelDigest,
    datasetDigest: workshop.datasetDigest,
    head: heads.classification,
    hyperparameters: { ...usual, pooling: pooling(family), adapter: adapterOf(family, frozenWeights) },
  });
}

/** Next tokens of a decoder, masked ones of an encoder. */
function tokenSpec(family: Family, baseModelDigest: string, frozenWeights?: FrozenWeights): RunSpec {
  return languageModellingSpec({
    baseModelDigest,
    datasetDigest: workshop.datasetDigest,
    hyperparameters: { ...usual, adapter: adapterOf(family, frozenWeights) },
    ...(family === 'bert' ? { masking: { share: 0.3, wholeWords: true } } : {}),
  });
}

const baseOf = (family: Family) =>
  writeTinyEncoder(workshop.store, family, {
    wide: true,
    languageModel: family === 'llama',
    mask: family === 'bert',
  });

async function manifestOf(digest: string): Promise<ModelManifest> {
  return JSON.parse((await workshop.store.read(digest)).toString());
}

/** A model whose float32 weights are the numbers that another's held weights stand for. */
async function rounded(digest: string, format: Format, predictsTokens: boolean): Promise<string> {
  const manifest = await manifestOf(digest);
  const { tensors } = readSafetensors(await workshop.store.read(manifest.weights.digest));
  const kinds = heldFormats(manifest, format, predictsTokens);
  const changed = [...tensors].map(([name, { shape, data }]) => {
    const kind = kinds.get(name) ?? 'float32';
    if (kind === 'float32') return [name, { shape, data }] as const;
    const matrix = holdMatrix(name, shape, kind);
    matrix.write(Float32Array.from(data));
    return [name, { shape, data: matrix.read() }] as const;
  });
  const weights = await workshop.store.write(writeSafetensors(new Map(changed)));
  return (await workshop.store.write(Buffer.from(JSON.stringify({ ...manifest, weights })))).digest;
}

function expectEqual(actual: ReadonlyMap<number, number | null>, expected: typeof actual, digits: number) {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [step, value] of expected) expect(actual.get(step), `step ${step}`).toBeCloseTo(value!, digits);
}

const methods = [
  ['a head', headSpec, false],
  ['tokens', tokenSpec, true],
] as const;

describe.each(['llama', 'gpt2', 'bert'] as const)('%s', (family) => {
  describe.each(methods)('%s', (_, specOf, predictsTokens) => {
    it.each(formats)('%s: every step is that on weights that were rounded beforehand', async (format) => {
      const base = await baseOf(family);
      const held = await finished(specOf(family, base, format));
      const plain = await workshop.finish(specOf(family, await rounded(base, format, predictsTokens)));
      const losses = held.series('train/loss');
      expect(losses.size).toBeGreaterThan(50);
      expectEqual(losses, plain.series('train/loss'), 3);
      expectEqual(held.series('validation/loss'), plain.series('validation/loss'), 3);
      expect(last(losses)).toBeLessThan(losses.get(1)!);
    });
  });

  it.each(formats)('%s: the model is the adapter over its own weights, and is measured so', async (format) => {
    const base = await baseOf(family);
    const { model, series, logged } = await finished(headSpec(family, base, format));
    const merged = series('merged/loss');
    expect([...merged.keys()]).toEqual([[...series('validation/loss').keys()].at(-1)]);
    const [scores] = await workshop.evaluate(model.digest, [{ task: 'mood', targetColumns: ['mood'] }], 'text');
    expect(scores?.loss).toBeCloseTo(last(merged)!, 5);
    expect(model.manifest.weights).toEqual((await manifestOf(base)).weights);
    expect(model.manifest.adapter?.config.frozenWeights).toBe(format);
    expect(logged().find((line) => line.startsWith('Frozen weights'))).toContain(`matrices as ${format}`);
  });
});

it('int4 differs from float32 by its rounding, and the more bits the less', async () => {
  const base = await baseOf('llama');
  const lossOf = async (format?: FrozenWeights) =>
    last((await finished(tokenSpec('llama', base, format))).series('validation/loss'))!;
  const exact = await lossOf();
  const [half, eight, four] = [await lossOf('float16'), await lossOf('int8'), await lossOf('int4')];
  expect(Math.abs(half - exact)).toBeLessThan(Math.abs(eight - exact) + 1e-3);
  expect(Math.abs(eight - exact)).toBeLessThan(Math.abs(four - exact) + 1e-3);
  expect(four).not.toBe(exact);
});

it('tokens are measured at the end over float32 weights, control texts aside', async () => {
  const { series } = await finished(tokenSpec('llama', await baseOf('llama'), 'int4'));
  expect(series('merged/perplexity').size).toBe(1);
  expect(Math.abs(last(series('merged/loss'))! - last(series('validation/loss'))!)).toBeLessThan(0.2);
  const plain = await finished(tokenSpec('llama', await baseOf('llama')));
  expect(plain.series('merged/loss').size).toBe(0);
});

it('several tasks have their own metrics of the model', async () => {
  const { series } = await workshop.finish(
    multiTaskSpec({
      baseModelDigest: await baseOf('bert'),
      datasetDigest: workshop.datasetDigest,
      tasks: [task('mood', ['active', 'calm']), task('again', ['active', 'calm'], { labelColumn: 'mood' })],
      hyperparameters: { ...usual, pooling: 'firstToken', adapter: adapterOf('bert', 'int8') },
    }),
  );
  for (const key of ['merged/loss', 'merged/accuracy', 'merged/mood/loss', 'merged/again/f1']) {
    expect(series(key).size, key).toBe(1);
  }
});

it('what is chosen on the validation split is chosen for the model', async () => {
  const spec = supervisedSpec({
    baseModelDigest: await baseOf('bert'),
    datasetDigest: workshop.datasetDigest,
    head: heads.multiLabel,
    hyperparameters: { ...usual, pooling: 'firstToken', adapter: adapterOf('bert', 'int4') },
  });
  const { model, series } = await workshop.finish(spec);
  const tasks = [{ task: 'labels', targetColumns: ['labels'] }];
  const [scores] = await workshop.evaluate(model.digest, tasks, 'text');
  if (scores?.kind !== 'multiLabel') throw new Error(JSON.stringify(scores));
  expect(scores.subsetAccuracy).toBe(last(series('merged/subsetAccuracy')));
});

it('without memory for float32 weights the metrics are those of the training, and the log says so', async () => {
  const spec = headSpec('bert', await baseOf('bert'), 'int4');
  const recorded = recordingContext();
  // The first question is asked before the training, which has to fit.
  const answers = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1000];
  const availableBytes = () => answers.shift() ?? 1000;
  const outcome = await train(jobOf(spec), recorded.context, { ...workshop.tools, availableBytes });
  if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
  expect(recorded.series('merged/loss').size).toBe(0);
  expect(recorded.logged().join('\n')).toContain('The model is not measured over its float32 weights');
});

it.each(['int8', 'int4'] as const)(
  '%s: a run that is killed and resumed ends with the bytes of an unbroken one',
  async (format) => {
    for (const specOf of [headSpec, tokenSpec]) {
      const spec = specOf('llama', await baseOf('llama'), format);
      const unbroken = await finished(spec);
      const first = recordingContext({ killAtStep: 25 });
      await expect(train(jobOf(spec), first.context, workshop.tools)).rejects.toBeInstanceOf(Killed);
      const resume = first.lastCheckpoint();
      expect(resume).not.toBeNull();
      const second = await workshop.finish(spec, recordingContext({ resume }));
      expect(second.series('train/loss').has(1)).toBe(false);
      expect(second.model.digest).toBe(unbroken.model.digest);
      expect(last(second.series('merged/loss'))).toBe(last(unbroken.series('merged/loss')));
    }
  },
);

it.each(['electra', 'mpnet', 'deberta-v2', 'modernbert', 'gemma3_text'] as const)(
  '%s: the model is measured as it is evaluated',
  async (family) => {
    const spec = supervisedSpec({
      baseModelDigest: await writeTinyEncoder(workshop.store, family, { wide: true }),
      datasetDigest: workshop.datasetDigest,
      head: heads.classification,
      hyperparameters: { ...usual, epochs: 1, pooling: 'mean', adapter: { ...lora, frozenWeights: 'int4' } },
    });
    const { model, series, logged } = await workshop.finish(spec);
    expect(logged().find((line) => line.startsWith('Frozen weights'))).toContain('as int4');
    const [scores] = await workshop.evaluate(model.digest, [{ task: 'mood', targetColumns: ['mood'] }], 'text');
    expect(scores?.loss).toBeCloseTo(last(series('merged/loss'))!, 5);
    expect(Math.abs(scores!.loss - last(series('validation/loss'))!)).toBeLessThan(0.1);
  },
);

it('Universal Sentence Encoder Lite, whose rows are shorter than a block, is held as halves', async () => {
  const base = await workshop.baseOf('use-lite');
  const spec = supervisedSpec({
    baseModelDigest: base,
    datasetDigest: workshop.datasetDigest,
    head: heads.classification,
    hyperparameters: { ...usual, dropout: 0, adapter: { ...lora, frozenWeights: 'int4' } },
  });
  const { model, series } = await workshop.finish(spec);
  const [scores] = await workshop.evaluate(model.digest, [{ task: 'mood', targetColumns: ['mood'] }], 'text');
  expect(scores?.loss).toBeCloseTo(last(series('merged/loss'))!, 5);
});
