import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { firstTokenStates } from '../../../gpu-worker/architectures/encoder.js';
import { inference } from '../../../gpu-worker/architectures/encoder-run.js';
import { headInput } from '../../../gpu-worker/architectures/head-input.js';
import { tokenStates } from '../../../gpu-worker/architectures/transformer.js';
import type { Engine, Tensors } from '../../../gpu-worker/engine/types.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';
import {
  families,
  familyReference,
  gradientReference,
  type HeadReference,
  parameterName,
  type Summary,
  summarize,
} from '../reference/hugging-face/reference.js';
import { feedsOf, inputsOf, logits, task, tinyConfig, tinySpecs, tinyWeights } from './tiny-encoder.js';

const poolings = ['firstToken', 'mean'] as const;
const cases = families.flatMap((family) => poolings.map((pooling) => ({ family, pooling })));

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

const tokens = (inputs: Tensors) => inputs as { ids: Tensor; mask: Tensor; typeIds: Tensor };

describe.each(families)('%s against transformers', (family) => {
  const { batches, forward } = familyReference(family);
  const config = tinyConfig(family);
  const [batch] = batches as [(typeof batches)[number]];

  it('has its states, first tokens and means', async () => {
    const store = engine.createParameters(tinySpecs(family), tinyWeights(family));
    const compiled = await engine.compileForward(store, inputsOf(batch), (parameters, inputs) => ({
      states: tokenStates(parameters, tokens(inputs), config, inference),
      first: firstTokenStates(parameters, tokens(inputs), config, inference),
      pooled: headInput(parameters, tokens(inputs), config, 'firstToken', inference),
      mean: headInput(parameters, tokens(inputs), config, 'mean', inference),
    }));
    const { states, first, pooled, mean } = (await compiled.run(feedsOf(batch))) as Record<string, Float32Array>;
    const H = config.hiddenSize;
    // Rows at padding mean nothing: transformers' and ours are compared where there is a token.
    for (const [row, isToken] of batch.mask.flat().entries()) {
      if (isToken === 0) continue;
      const expected = forward.lastHiddenState.slice(row * H, (row + 1) * H);
      expectClose(states!.slice(row * H, (row + 1) * H), expected, 1e-4, `token ${row}`);
    }
    const T = batch.ids[0]!.length;
    const firstRows = batch.ids.flatMap((_, b) => forward.lastHiddenState.slice(b * T * H, (b * T + 1) * H));
    expectClose(first!, firstRows, 1e-4, 'first tokens');
    expectClose(pooled!, forward.pooled, 1e-4, 'pooled');
    expectClose(mean!, forward.meanPooled, 1e-4, 'mean');
    await compiled.release();
    store.release();
  });

  it('has the gradient of every parameter, element by element', async () => {
    const { firstGradients } = await train(family, 'firstToken', 1);
    const expected = gradientReference(family);
    expect(expected.size).toBe(tinySpecs(family).length);
    for (const [name, gradient] of expected) {
      // A key's bias has a gradient of rounding alone: see `isKeyBias`.
      const floor = isKeyBias(name) ? 1e-2 : 1e-3;
      expectClose(firstGradients.get(parameterName(family, name, task))!, gradient, 1e-4, name, floor);
    }
  });
});

test('MPNet tells distances apart as transformers does, up to the farthest', async () => {
  const { ids, rows } = familyReference('mpnet').long!;
  const config = tinyConfig('mpnet');
  const store = engine.createParameters(tinySpecs('mpnet'), tinyWeights('mpnet'));
  const shape = [1, ids.length];
  const inputs = { ids: { shape, dtype: 'int32' }, mask: { shape, dtype: 'float32' } } as const;
  const compiled = await engine.compileForward(store, inputs, (parameters, inputs) => ({
    states: tokenStates(parameters, tokens(inputs), config, inference),
  }));
  const feeds = { ids: Int32Array.from(ids), mask: new Float32Array(ids.length).fill(1) };
  const { states } = (await compiled.run(feeds)) as { states: Float32Array };
  const H = config.hiddenSize;
  for (const [place, expected] of Object.entries(rows)) {
    expectClose(states.slice(Number(place) * H, (Number(place) + 1) * H), expected, 1e-4, `token ${place}`);
  }
  await compiled.release();
  store.release();
});

describe.each(cases)('$family, head on $pooling: 50 steps of AdamW', ({ family, pooling }) => {
  it('follow PyTorch’s losses, and end in its parameters and logits', async () => {
    const reference = familyReference(family);
    const expected = reference[pooling];
    const trained = await train(family, pooling, reference.training.steps);
    expectClose(trained.firstLogits, expected.logits, 1e-4, 'logits');
    expectSummaries(family, expected, 'gradients', (name) => trained.firstGradients.get(name)!, 1e-4);
    expect(trained.losses).toHaveLength(50);
    for (const [step, loss] of expected.losses.entries()) {
      const tolerance = 1e-3 * Math.max(loss, 0.1);
      expect(Math.abs(trained.losses[step]! - loss), `loss ${step}`).toBeLessThanOrEqual(tolerance);
      const norm = expected.gradientNorms[step]!;
      expect(Math.abs(trained.gradientNorms[step]! - norm), `norm ${step}`).toBeLessThanOrEqual(5e-3 * norm);
    }
    expectSummaries(family, expected, 'trained', (name) => trained.parameters.get(name)!, 1e-3);
    expectClose(trained.lastLogits, expected.trainedLogits, 1e-3, 'logits at the end');
  });
});

/** It moves all scores of a query alike: its gradient is 0 but for rounding, which AdamW brings to full steps. */
function isKeyBias(name: string): boolean {
  return /(?:key|k_lin|attn\.k)\.bias$/.test(name);
}

/** As the scripts of the references train: batches in turn, the reference's optimizer and schedule, no dropout. */
async function train(family: (typeof families)[number], pooling: (typeof poolings)[number], steps: number) {
  const { batches, training } = familyReference(family);
  const specs = tinySpecs(family, pooling);
  const store = engine.createParameters(specs, tinyWeights(family));
  const run = (random: typeof inference.random) => ({ random, dropout: 0, fromLayer: 0, adapter: null });
  const step = await engine.compileStep(store, inputsOf(batches[0]!), (parameters, inputs, random) => {
    const scores = logits(parameters, inputs, family, pooling, run(random));
    return { loss: crossEntropy(scores, inputs.labels!), metrics: { logits: scores } };
  });
  const copies = (of: (name: string) => Float32Array) => new Map(specs.map(({ name }) => [name, of(name).slice()]));
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  let firstGradients = new Map<string, Float32Array>();
  let firstLogits = new Float32Array(0);
  for (let index = 0; index < steps; index++) {
    const { loss, metrics } = await step.run(feedsOf(batches[index % batches.length]!), {
      seed: 1,
      step: index,
      scale: 1,
    });
    losses.push(loss);
    if (index === 0) {
      firstGradients = copies((name) => store.gradient(name));
      firstLogits = Float32Array.from(metrics.logits!);
    }
    const { schedule, learningRate: peakLearningRate, warmupSteps: warmupUpdates, steps: totalUpdates } = training;
    const rate = learningRate({ schedule, peakLearningRate, warmupUpdates, totalUpdates }, index);
    gradientNorms.push(store.update(adamwRule({ ...training, learningRate: rate })).gradientNorm);
  }
  const parameters = copies((name) => store.value(name));
  const { metrics } = await step.run(feedsOf(batches[0]!), { seed: 1, step: steps, scale: 1 });
  const lastLogits = Float32Array.from(metrics.logits!);
  await step.release();
  store.release();
  return { losses, gradientNorms, firstGradients, firstLogits, parameters, lastLogits };
}

/**
 * Norms, and scalar products with drawn vectors, within `tolerance` of the norm; of 10⁻⁴ where a gradient is 0 but for
 * rounding.
 */
function expectSummaries(
  family: (typeof families)[number],
  reference: HeadReference,
  what: 'gradients' | 'trained',
  valuesOf: (name: string) => Float32Array,
  tolerance: number,
): void {
  const expected: Record<string, Summary> = reference[what];
  const own = summarize(expected, (name) => valuesOf(parameterName(family, name, task)));
  for (const [name, { norm, projections }] of Object.entries(expected)) {
    if (what === 'trained' && isKeyBias(name)) continue;
    const allowed = tolerance * Math.max(norm, 1e-2);
    expect(Math.abs(own[name]!.norm - norm), `${what}: norm of ${name}`).toBeLessThanOrEqual(allowed);
    for (const [i, product] of projections.entries()) {
      expect(Math.abs(own[name]!.projections[i]! - product), `${what}: ${name}`).toBeLessThanOrEqual(allowed);
    }
  }
}
