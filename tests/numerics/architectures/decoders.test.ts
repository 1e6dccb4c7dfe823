import { readFileSync } from 'node:fs';
import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { moduleOfLoraTensor } from '../../../gpu-worker/adapters/lora-parameters.js';
import { decoderLayersOf, decoderStatesAfter } from '../../../gpu-worker/architectures/decoder.js';
import { type EncoderRun, inference, isDecoder } from '../../../gpu-worker/architectures/encoder-run.js';
import { headInputs } from '../../../gpu-worker/architectures/head-input.js';
import { allTokenLogits } from '../../../gpu-worker/architectures/token-logits.js';
import type {
  Engine,
  Feeds,
  InputSpec,
  LossFunction,
  ParameterSpec,
  Tensors,
} from '../../../gpu-worker/engine/types.js';
import { outputsOf } from '../../../gpu-worker/forward/run-heads.js';
import type { Head } from '../../../gpu-worker/heads/index.js';
import { headShapes } from '../../../gpu-worker/heads/index.js';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { crossEntropy, noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { elementCount, readSafetensors } from '../../../src/storage/safetensors.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';
import {
  type DecoderBatch,
  type DecoderFamily,
  decoderFamilies,
  decoderFolder,
  decoderParameter,
  decoderReference,
  decoderTensors,
  type Trajectory,
  variantConfigs,
} from '../reference/decoders/reference.js';
import { draw, numbers } from '../reference/numbers.js';

const textHead: Head = { kind: 'classification', task: 'label', outputs: ['a', 'b', 'c'] };
const tokenHead: Head = { ...textHead, kind: 'tokenClassification' };
const plain = (random: EncoderRun['random']): EncoderRun => ({ ...inference, random });

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

/** What a test trains: a loss of the next token, of a head, or of a head with an adapter. */
type Way = 'languageModel' | 'classifier' | 'adapter' | 'tokens';

describe.each(decoderFamilies)('%s against transformers', (family) => {
  const reference = decoderReference(family);
  const tensors = decoderTensors(family);
  const config = configOf(readFileSync(new URL('config.json', decoderFolder(family)), 'utf8'));

  it('has its states and the logits of the next token', async () => {
    const { specs, values } = parametersOf(family, config, 'languageModel');
    const [batch] = reference.batches as [DecoderBatch];
    const store = engine.createParameters(specs, values);
    const compiled = await engine.compileForward(store, inputsOf(batch), (parameters, { ids, mask }) => {
      const states = decoderStatesAfter(parameters, tokens(ids, mask), config.layers, config, inference);
      return { states, logits: allTokenLogits(parameters, states, config) };
    });
    const outputs = await compiled.run(feedsOf(batch));
    expectAtTokens(outputs.states as Float32Array, tensors.get('states')!.data, batch, 'states');
    expectAtTokens(outputs.logits as Float32Array, tensors.get('languageModel/logits')!.data, batch, 'logits');
    await compiled.release();
    store.release();
  });

  const ways = ['classifier', 'adapter', 'languageModel', 'tokens'] as const;
  it.each(ways.filter((way) => reference[way] !== undefined))('%s: has its loss, logits and gradients', async (way) => {
    const { losses, logits, gradients } = await train(family, config, way, 1);
    expect(losses[0]!).toBeCloseTo(reference[way]!.loss, 4);
    const [batch] = reference.batches as [DecoderBatch];
    const expected = tensors.get(`${way}/logits`)!.data;
    if (way === 'classifier' || way === 'adapter') expectClose(logits, expected, 1e-4, 'logits');
    else expectAtTokens(logits, expected, batch, 'logits');
    const prefix = `${way}/gradients/`;
    const named = [...tensors].filter(([name]) => name.startsWith(prefix));
    expect(named.map(([name]) => decoderParameter(name.slice(prefix.length))).sort()).toEqual(
      [...gradients.keys()].sort(),
    );
    for (const [name, { data }] of named) {
      expectClose(gradients.get(decoderParameter(name.slice(prefix.length)))!, data, 1e-4, name);
    }
  });

  it.each(['classifier', 'adapter', 'languageModel'] as const)('%s: follows 50 steps of AdamW', async (way) => {
    const expected: Trajectory = reference[way];
    const trained = await train(family, config, way, reference.training.steps);
    expect(trained.losses).toHaveLength(50);
    for (const [step, loss] of expected.losses.entries()) {
      const difference = Math.abs(trained.losses[step]! - loss);
      expect(difference, `loss ${step}`).toBeLessThanOrEqual(1e-3 * Math.max(loss, 0.1));
      const norm = expected.gradientNorms[step]!;
      expect(Math.abs(trained.gradientNorms[step]! - norm), `norm ${step}`).toBeLessThanOrEqual(5e-3 * norm);
    }
    const [batch] = reference.batches as [DecoderBatch];
    const atEnd = tensors.get(`${way}/trainedLogits`)!.data;
    if (way === 'languageModel') expectAtTokens(trained.lastLogits, atEnd, batch, 'logits at the end', 1e-3);
    else expectClose(trained.lastLogits, atEnd, 1e-3, 'logits at the end');
  });
});

describe('rotary positions and biases against transformers', () => {
  const states = decoderTensors('variants');
  const [batch] = decoderReference('llama').batches as [DecoderBatch];

  test.each(Object.entries(variantConfigs()))('%s', async (name, json) => {
    const config = configOf(JSON.stringify(json));
    expectAtTokens(await statesOf(config, batch), states.get(name)!.data, batch, name);
  });

  test('texts up to the original length are as without the dynamic scaling', async () => {
    const config = configOf(JSON.stringify(variantConfigs().dynamic));
    const short = {
      ...batch,
      ids: batch.ids.map((row) => row.slice(0, 5)),
      mask: batch.mask.map((row) => row.slice(0, 5)),
    };
    expectAtTokens(await statesOf(config, short), states.get('dynamic-short')!.data, short, 'short');
  });
});

/** One graph for texts of all lengths computes what a graph of one length does. */
test.each([...decoderFamilies, 'dynamic'] as const)('%s: one graph reads texts of every length', async (name) => {
  const family = name === 'dynamic' ? 'llama' : name;
  const config =
    name === 'dynamic'
      ? configOf(JSON.stringify(variantConfigs().dynamic))
      : configOf(readFileSync(new URL('config.json', decoderFolder(family)), 'utf8'));
  const { specs, values } = parametersOf(family, config, 'classifier');
  const store = engine.createParameters(specs, values);
  const read = (parameters: Tensors, { ids, mask }: Tensors) => {
    const given = headInputs(
      parameters,
      tokens(ids, mask),
      config,
      'lastToken',
      { pooled: true, tokens: false },
      inference,
    );
    const mean = headInputs(parameters, tokens(ids, mask), config, 'mean', { pooled: true, tokens: false }, inference);
    return { logits: outputsOf(parameters, textHead, given), mean: mean.pooled! };
  };
  const shape = ['rows', 'length'];
  const inputs = { ids: { shape, dtype: 'int32' }, mask: { shape, dtype: 'float32' } } as const;
  const dynamic = await engine.compileDynamicForward(store, inputs, read, { frozen: true, maxima: { length: 20 } });
  const [batch] = decoderReference(family).batches as [DecoderBatch];
  for (const length of [1, 2, 5, batch.ids[0]!.length]) {
    const cut = {
      ...batch,
      ids: batch.ids.map((row) => row.slice(0, length)),
      mask: batch.mask.map((row) => row.slice(0, length)),
    };
    const fixed = await engine.compileForward(store, inputsOf(cut), read);
    const expected = await fixed.run(feedsOf(cut));
    const given = await dynamic.run(
      { ids: Int32Array.from(cut.ids.flat()), mask: Float32Array.from(cut.mask.flat()) },
      { rows: cut.ids.length, length },
    );
    expectClose(given.logits as Float32Array, expected.logits as Float32Array, 1e-5, `logits of ${length} tokens`);
    expectClose(given.mean as Float32Array, expected.mean as Float32Array, 1e-5, `mean of ${length} tokens`);
    await fixed.release();
  }
  await dynamic.release();
  store.release();
});

function configOf(json: string): DecoderConfig {
  const { config } = readConfig(json);
  if (!isDecoder(config)) throw new Error('not a decoder');
  return config;
}

/** Weights of `llama` under another configuration; biases that it lacks are drawn as decoders.py draws them. */
async function statesOf(config: DecoderConfig, batch: DecoderBatch): Promise<Float32Array> {
  const { values } = parametersOf('llama', config, 'languageModel');
  const stream = numbers(47);
  const specs = decoderLayersOf(config, { languageModel: true })
    .flatMap(({ tensors }) => tensors)
    .map(({ name, shape }) => ({ name, shape, trainable: false, decay: false }));
  // transformers names the biases of a layer in the order of its modules: q, k, v, o, gate, up, down.
  for (const { name, shape } of specs)
    if (name.endsWith('.bias')) values.set(name, draw(stream, elementCount(shape), 0.6));
  const store = engine.createParameters(specs, values);
  const compiled = await engine.compileForward(store, inputsOf(batch), (parameters, { ids, mask }) => ({
    states: decoderStatesAfter(parameters, tokens(ids, mask), config.layers, config, inference),
  }));
  const { states } = await compiled.run(feedsOf(batch));
  const copied = Float32Array.from(states!);
  await compiled.release();
  store.release();
  return copied;
}

/** As decoders.py trains: batches in turn, the reference's optimizer and schedule, no dropout. */
async function train(family: DecoderFamily, config: DecoderConfig, way: Way, steps: number) {
  const { batches, training } = decoderReference(family);
  const { specs, values } = parametersOf(family, config, way);
  const store = engine.createParameters(specs, values);
  const step = await engine.compileStep(store, inputsOf(batches[0]!), lossOf(config, way));
  const trained = specs.filter(({ trainable }) => trainable).map(({ name }) => name);
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  let gradients = new Map<string, Float32Array>();
  let logits = new Float32Array(0);
  const run = (index: number) =>
    step.run(feedsOf(batches[index % batches.length]!), { seed: 1, step: index, scale: 1 });
  for (let index = 0; index < steps; index++) {
    const { loss, metrics } = await run(index);
    losses.push(loss);
    if (index === 0) {
      gradients = new Map(trained.map((name) => [name, store.gradient(name).slice()]));
      logits = Float32Array.from(metrics.logits!);
    }
    const { schedule, learningRate: peakLearningRate, warmupSteps: warmupUpdates, steps: totalUpdates } = training;
    const rate = learningRate({ schedule, peakLearningRate, warmupUpdates, totalUpdates }, index);
    gradientNorms.push(store.update(adamwRule({ ...training, learningRate: rate })).gradientNorm);
  }
  const { metrics } = await run(0);
  const lastLogits = Float32Array.from(metrics.logits!);
  await step.release();
  store.release();
  return { losses, gradientNorms, gradients, logits, lastLogits };
}

function lossOf(config: DecoderConfig, way: Way): LossFunction {
  return (parameters, { ids, mask, labels, tags, next }, random) => {
    const run = { ...plain(random), adapter: way === 'adapter' ? { scale: 2, dropout: 0 } : null };
    if (way === 'languageModel') {
      const states = decoderStatesAfter(parameters, tokens(ids, mask), config.layers, config, run);
      const logits = allTokenLogits(parameters, states, config);
      return { loss: crossEntropy(logits, reshape(next!, [-1])), metrics: { logits } };
    }
    const ofTokens = way === 'tokens';
    const needs = { pooled: !ofTokens, tokens: ofTokens };
    const given = headInputs(parameters, tokens(ids, mask), config, ofTokens ? null : 'lastToken', needs, run);
    const logits = outputsOf(parameters, ofTokens ? tokenHead : textHead, given);
    return { loss: crossEntropy(logits, ofTokens ? reshape(tags!, [-1]) : labels!), metrics: { logits } };
  };
}

/** The committed weights, and head and adapter as models.py draws them. */
function parametersOf(family: DecoderFamily, config: DecoderConfig, way: Way) {
  const { tensors } = readSafetensors(readFileSync(new URL('model.safetensors', decoderFolder(family))));
  const values = new Map([...tensors].map(([name, { data }]) => [decoderParameter(name), data]));
  const languageModel = way === 'languageModel' && values.has('lm_head.weight');
  const head = way === 'tokens' ? tokenHead : textHead;
  const isLearnt = (name: string) => way !== 'adapter' || name.startsWith('heads.');
  const specs: ParameterSpec[] = [
    ...decoderLayersOf(config, { languageModel }).flatMap(({ tensors: own }) => own),
    ...(way === 'languageModel' ? [] : headShapes(head, config)),
  ].map(({ name, shape }) => ({ name, shape, trainable: isLearnt(name), decay: shape.length > 1 }));
  const ofHead = numbers(41);
  for (const { name, shape } of specs)
    if (name.startsWith('heads.')) values.set(name, draw(ofHead, elementCount(shape), 0.6));
  if (way !== 'adapter') return { specs, values };
  const ofAdapter = numbers(43);
  for (const [theirs, { shape }] of decoderTensors(family)) {
    const name = decoderParameter(theirs.replace('adapter/gradients/', ''));
    if (!theirs.startsWith('adapter/gradients/') || moduleOfLoraTensor(name) === null) continue;
    specs.push({ name, shape: [...shape], trainable: true, decay: true });
    values.set(name, draw(ofAdapter, elementCount(shape), 0.6));
  }
  return { specs, values };
}

function tokens(ids: Tensor | undefined, mask: Tensor | undefined) {
  return { ids: ids as Tensor, mask: mask as Tensor };
}

function inputsOf({ ids }: DecoderBatch): Record<string, InputSpec> {
  const shape = [ids.length, ids[0]!.length];
  return {
    ids: { shape, dtype: 'int32' },
    mask: { shape, dtype: 'float32' },
    labels: { shape: [ids.length], dtype: 'int32' },
    tags: { shape, dtype: 'int32' },
    next: { shape, dtype: 'int32' },
  };
}

function feedsOf({ ids, mask, labels, tags }: DecoderBatch): Feeds {
  const T = ids[0]!.length;
  const next = ids.map((row, b) => row.map((_, t) => (mask[b]![t + 1] === 1 ? row[t + 1]! : noTarget)));
  return {
    ids: Int32Array.from(ids.flat()),
    mask: Float32Array.from(mask.flat()),
    labels: Int32Array.from(labels),
    tags: Int32Array.from(tags.flatMap((row) => row.slice(0, T)).map((tag) => (tag === -100 ? noTarget : tag))),
    next: Int32Array.from(next.flat()),
  };
}

/** Rows at padding mean nothing: they are compared where there is a token. */
function expectAtTokens(
  actual: Float32Array,
  expected: ArrayLike<number>,
  { mask }: DecoderBatch,
  what: string,
  tolerance = 1e-4,
): void {
  const rows = mask.flat();
  const width = expected.length / rows.length;
  const meant = (_: number, index: number) => rows[Math.floor(index / width)] === 1;
  expectClose(actual.filter(meant), Array.from(expected).filter(meant), tolerance, what);
}
