import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decoderLayersOf } from '../../../gpu-worker/architectures/decoder.js';
import { headInput } from '../../../gpu-worker/architectures/head-input.js';
import type { Engine, LossFunction, ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { openEngine, uniform } from '../engine/compare.js';

/** As `sizes.test.ts` for encoders: a decoder of any shape is one graph for all lengths. */
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 1);
});
afterAll(() => engine.release());

interface Shape {
  readonly family: DecoderConfig['architecture'];
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly longest: number;
  readonly batchSize: number;
  readonly window: number | null;
}

const classes = 3;

function configOf({ family, hiddenSize, attentionHeads, longest, ...shape }: Shape): DecoderConfig {
  const common = {
    vocabularySize: 50,
    hiddenSize,
    intermediateSize: 2 * hiddenSize,
    attentionHeads,
    layers: 2,
    maxPositions: longest,
    attentionDropout: 0.1,
    classifierDropout: 0.1,
    padTokenId: null,
    tiesEmbeddings: true,
  };
  if (family === 'gpt2') {
    const rates = { embeddingDropout: 0.1, hiddenDropout: 0.1 };
    return { architecture: family, ...common, ...rates, layerNormEpsilon: 1e-5, activation: 'gelu_new' };
  }
  const rotary = {
    ...common,
    keyValueHeads: shape.keyValueHeads,
    headSize: shape.headSize,
    normEpsilon: 1e-6,
    rotaryBase: 10_000,
    rotaryScaling: { kind: 'none' as const },
    slidingWindow: shape.window,
    attentionBias: false,
    feedForwardBias: false as const,
  };
  const slidingLayers = [shape.window !== null, false];
  switch (family) {
    case 'llama':
    case 'mistral':
      return { architecture: family, ...rotary };
    case 'qwen2':
      return { architecture: family, ...rotary, slidingLayers, attentionBias: true };
    case 'qwen3':
      return { architecture: family, ...rotary, slidingLayers };
    case 'gemma3_text':
      return { architecture: family, ...rotary, slidingLayers, slidingRotaryBase: 100, queryScalar: 5 };
    default:
      return family satisfies never;
  }
}

function lossOf(config: DecoderConfig): LossFunction {
  return (parameters, { ids, mask, targets }, random) => {
    const run = { random, dropout: null, fromLayer: 0, adapter: null };
    const read = headInput(parameters, { ids: ids as Tensor, mask: mask as Tensor }, config, 'lastToken', run);
    return { loss: crossEntropy(linear(read, parameters['head.weight'] as Tensor, undefined), targets as Tensor) };
  };
}

const usual = {
  family: 'llama',
  hiddenSize: 32,
  attentionHeads: 4,
  keyValueHeads: 2,
  headSize: 8,
  longest: 512,
  batchSize: 2,
  window: null,
} as const;
const shapes: readonly Shape[] = [
  ...[1, 2, 4].map((keyValueHeads) => ({ ...usual, keyValueHeads })),
  // SmolLM's heads, and heads that are wider together than the model.
  { ...usual, hiddenSize: 72, attentionHeads: 9, keyValueHeads: 3 },
  { ...usual, headSize: 12 },
  { ...usual, headSize: 2 },
  { ...usual, attentionHeads: 16, keyValueHeads: 2, headSize: 4 },
  ...[10, 16, 32, 128].flatMap((longest) => [1, 2, 16].map((batchSize) => ({ ...usual, longest, batchSize }))),
  ...(['qwen2', 'qwen3', 'gemma3_text'] as const).flatMap((family) =>
    [3, null].map((window) => ({ ...usual, family, window, longest: 64 })),
  ),
  ...[3, 4, 16].map((window) => ({ ...usual, family: 'mistral' as const, window, longest: 64 })),
  ...[8, 9, 64].flatMap((longest) =>
    [1, 4].map((batchSize) => ({ ...usual, family: 'gpt2' as const, longest, batchSize })),
  ),
];

test.each(shapes)(
  '$family $hiddenSize / $attentionHeads heads of $headSize / $keyValueHeads, $longest positions, batch $batchSize, window $window',
  async (shape) => {
    const config = configOf(shape);
    const B = shape.batchSize;
    const specs: ParameterSpec[] = [
      ...decoderLayersOf(config, { languageModel: false }).flatMap(({ tensors }) => tensors),
      { name: 'head.weight', shape: [classes, shape.hiddenSize] },
    ].map(({ name, shape: own }) => ({ name, shape: own, trainable: true, decay: true }));
    const random = uniform(7);
    const values = new Map(
      specs.map(({ name, shape: own }) => [
        name,
        Float32Array.from({ length: elementCount(own) }, () => 0.4 * (random() - 0.5)),
      ]),
    );
    const store = engine.createParameters(specs, values);
    const inputs = <Length extends number | string>(length: Length) =>
      ({
        ids: { shape: [B, length], dtype: 'int32' },
        mask: { shape: [B, length], dtype: 'float32' },
        targets: { shape: [B], dtype: 'int32' },
      }) as const;
    const loss = lossOf(config);
    const dynamic = await engine.compileStep(store, inputs('length'), loss, { maxima: { length: shape.longest } });
    const length = Math.min(shape.longest, 9);
    const fixed = await engine.compileStep(store, inputs(length), loss);
    const feeds = {
      ids: Int32Array.from({ length: B * length }, (_, index) => 2 + ((7 * index) % 40)),
      mask: new Float32Array(B * length).fill(1),
      targets: Int32Array.from({ length: B }, (_, row) => row % classes),
    };
    const at = { seed: 3, step: 1, scale: 1 };
    const weight = specs.find(({ name }) => /(q_proj|c_attn)\.weight$/.test(name))!.name;
    try {
      const { loss: ofDynamic } = await dynamic.run(feeds, { ...at, sizes: { length } });
      const gradient = store.gradient(weight).slice();
      store.zeroGradients();
      const { loss: ofFixed } = await fixed.run(feeds, at);
      expect(ofDynamic).toBeCloseTo(ofFixed, 5);
      const scale = Math.max(...store.gradient(weight).map(Math.abs));
      const difference = Math.max(...gradient.map((value, i) => Math.abs(value - (store.gradient(weight)[i] ?? 0))));
      expect(scale).toBeGreaterThan(0);
      expect(difference).toBeLessThan(1e-4 * scale);
    } finally {
      await dynamic.release();
      await fixed.release();
      store.release();
    }
  },
);
