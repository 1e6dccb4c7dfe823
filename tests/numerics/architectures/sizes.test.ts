import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import type { EncoderConfig } from '../../../gpu-worker/architectures/encoder-run.js';
import { dropHeadInputs, headInput } from '../../../gpu-worker/architectures/head-input.js';
import type { Engine, LossFunction, ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import type { Pooling } from '../../../src/protocol/pooling.js';
import { openEngine, uniform } from '../engine/compare.js';

/**
 * One graph for texts of all lengths is made from recordings at a few lengths, which must not differ but in sizes.
 * Passes weigh sizes, of attention heads against texts above all: a model of any shape has to compile, and to compute
 * what a graph of one length computes.
 */
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 1);
});
afterAll(() => engine.release());

interface Shape {
  readonly architecture: EncoderConfig['architecture'];
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  /** Tokens of the longest text. */
  readonly longest: number;
  readonly batchSize: number;
  readonly pooling: Pooling;
  /** Of adapters of query and value; 0: all weights are trained. */
  readonly rank: number;
}

const classes = 3;

/** Families with RoBERTa's positions. */
const likeRoberta: ReadonlySet<Shape['architecture']> = new Set(['roberta', 'xlm-roberta', 'mpnet']);

function configOf({ architecture, hiddenSize, attentionHeads, longest }: Shape): EncoderConfig {
  const padTokenId = likeRoberta.has(architecture) ? 1 : 0;
  const sizes = {
    vocabularySize: 50,
    hiddenSize,
    intermediateSize: 2 * hiddenSize,
    attentionHeads,
    layers: 2,
    maxPositions: likeRoberta.has(architecture) ? longest + padTokenId + 1 : longest,
    layerNormEpsilon: 1e-5,
    activation: 'gelu',
    attentionDropout: 0.1,
    classifierDropout: 0.1,
    padTokenId,
  } as const;
  const config = { ...sizes, hiddenDropout: 0.1 };
  switch (architecture) {
    case 'modernbert':
      return {
        architecture,
        ...sizes,
        attentionBias: true,
        feedForwardBias: true,
        normBias: true,
        poolerBias: true,
        slidingLayers: [false, true],
        windowEachSide: 3,
        rotaryBase: 1000,
        slidingRotaryBase: 100,
        embeddingDropout: 0.1,
        feedForwardDropout: 0.1,
      };
    case 'distilbert':
    case 'mpnet':
      return { architecture, ...config };
    case 'electra':
      return { architecture, ...config, tokenTypes: 2, embeddingSize: hiddenSize / 2 };
    case 'deberta-v2':
      return {
        architecture,
        ...config,
        tokenTypes: 0,
        embeddingSize: hiddenSize,
        hasPositionTable: false,
        distances: {
          span: 16,
          farthest: 40,
          ofKeys: true,
          ofQueries: true,
          sharesProjections: true,
          isNormalized: true,
        },
        poolerDropout: 0,
      };
    default:
      return { architecture, ...config, tokenTypes: 2 };
  }
}

function parametersOf(config: EncoderConfig, { hiddenSize: H, pooling, rank }: Shape): ParameterSpec[] {
  const ofModel = layersOf(config, {
    pooler: pooling === 'firstToken' || config.architecture === 'modernbert',
  }).flatMap(({ tensors }) => tensors);
  const adapted = ofModel
    .map(({ name }) => name.replace(/\.weight$/, ''))
    .filter((name) => rank > 0 && /\.(query|value|q_lin|v_lin|q|v|query_proj|value_proj|Wqkv)$/.test(name));
  const rowsOf = (module: string) => ofModel.find(({ name }) => name === `${module}.weight`)!.shape[0]!;
  const spec = (name: string, shape: number[], trainable = true): ParameterSpec => ({
    name,
    shape,
    trainable,
    decay: true,
  });
  return [
    ...ofModel.map(({ name, shape }) => spec(name, shape, rank === 0)),
    ...adapted.flatMap((name) => [
      spec(`${name}.lora_A.weight`, [rank, H]),
      spec(`${name}.lora_B.weight`, [rowsOf(name), rank]),
    ]),
    spec('head.weight', [classes, H]),
    spec('head.bias', [classes]),
  ];
}

function lossOf(config: EncoderConfig, { pooling, rank }: Shape): LossFunction {
  return (parameters, { ids, mask, targets }, random) => {
    const adapter = rank > 0 ? { scale: 2, dropout: 0.1 } : null;
    const run = { random, dropout: null, fromLayer: 0, adapter };
    const read = headInput(parameters, { ids: ids as Tensor, mask: mask as Tensor }, config, pooling, run);
    const { 'head.weight': weight, 'head.bias': bias } = parameters;
    const logits = linear(
      dropHeadInputs({ pooled: read }, config, run).pooled as Tensor,
      weight as Tensor,
      bias as Tensor,
    );
    return { loss: crossEntropy(logits, targets as Tensor) };
  };
}

function describeInputs<Length extends number | string>({ batchSize: B }: Shape, length: Length) {
  return {
    ids: { shape: [B, length], dtype: 'int32' },
    mask: { shape: [B, length], dtype: 'float32' },
    targets: { shape: [B], dtype: 'int32' },
  } as const;
}

const usual = {
  architecture: 'bert',
  hiddenSize: 128,
  longest: 512,
  batchSize: 2,
  pooling: 'firstToken',
  rank: 0,
} as const;
const shapes: readonly Shape[] = [
  // Sizes of heads from 8 to 128; BERT's own is 64.
  ...[16, 4, 3, 2, 1].map((attentionHeads) => ({
    ...usual,
    hiddenSize: attentionHeads === 3 ? 144 : 128,
    attentionHeads,
  })),
  { ...usual, attentionHeads: 2, pooling: 'mean' },
  { ...usual, attentionHeads: 2, rank: 4 },
  { ...usual, attentionHeads: 2, architecture: 'distilbert' },
  { ...usual, attentionHeads: 2, architecture: 'roberta', rank: 4 },
  { ...usual, attentionHeads: 2, architecture: 'electra' },
  { ...usual, attentionHeads: 2, architecture: 'mpnet' },
  { ...usual, attentionHeads: 4, architecture: 'mpnet', longest: 200, rank: 4, pooling: 'mean' },
  { ...usual, hiddenSize: 32, attentionHeads: 2, architecture: 'mpnet', longest: 32, batchSize: 16 },
  { ...usual, attentionHeads: 2, architecture: 'deberta-v2' },
  { ...usual, attentionHeads: 4, architecture: 'deberta-v2', longest: 200, rank: 4, pooling: 'mean' },
  { ...usual, hiddenSize: 32, attentionHeads: 2, architecture: 'deberta-v2', longest: 48, batchSize: 16 },
  { ...usual, attentionHeads: 2, architecture: 'modernbert' },
  { ...usual, attentionHeads: 4, architecture: 'modernbert', longest: 200, rank: 4, pooling: 'mean' },
  { ...usual, hiddenSize: 32, attentionHeads: 2, architecture: 'modernbert', longest: 32, batchSize: 16 },
  // Few positions, and batches that are small beside them.
  ...[10, 16, 24, 32, 40, 128].flatMap((longest) =>
    [1, 2, 16].map((batchSize) => ({ ...usual, hiddenSize: 32, attentionHeads: 2, longest, batchSize })),
  ),
  ...[16, 32].map((longest) => ({
    ...usual,
    hiddenSize: 32,
    attentionHeads: 4,
    longest,
    rank: 4,
    pooling: 'mean' as const,
  })),
  // As many texts as there are tokens in one of the usual recordings.
  ...[
    { longest: 512, sizes: [67, 68, 135] },
    { longest: 128, sizes: [63, 64, 127] },
    { longest: 40, sizes: [19, 20, 39] },
    { longest: 9, sizes: [3, 4, 7] },
  ].flatMap(({ longest, sizes }) =>
    sizes.map((batchSize) => ({ ...usual, hiddenSize: 32, attentionHeads: 2, longest, batchSize })),
  ),
  { ...usual, architecture: 'roberta', hiddenSize: 32, attentionHeads: 2, longest: 126, batchSize: 62 },
  { ...usual, hiddenSize: 32, attentionHeads: 2, longest: 64, batchSize: 31, pooling: 'mean' },
  { ...usual, hiddenSize: 32, attentionHeads: 2, longest: 128, batchSize: 64, rank: 4 },
  // Every batch size beside few positions.
  ...Array.from({ length: 8 }, (_, index) => ({
    ...usual,
    hiddenSize: 32,
    attentionHeads: 2,
    longest: 8,
    batchSize: index + 1,
  })),
  { ...usual, hiddenSize: 32, attentionHeads: 2, longest: 5 },
];

test.each(shapes)(
  '$architecture $hiddenSize / $attentionHeads heads, $longest positions, batch $batchSize, $pooling, adapter $rank',
  async (shape) => {
    const config = configOf(shape);
    const specs = parametersOf(config, shape);
    const random = uniform(7);
    const values = new Map(
      specs.map(({ name, shape }) => [
        name,
        Float32Array.from({ length: shape.reduce((size, axis) => size * axis, 1) }, () => 0.4 * (random() - 0.5)),
      ]),
    );
    const store = engine.createParameters(specs, values);
    const loss = lossOf(config, shape);
    const dynamic = await engine.compileStep(store, describeInputs(shape, 'length'), loss, {
      maxima: { length: shape.longest },
    });
    const length = Math.min(shape.longest, 9);
    const fixed = await engine.compileStep(store, describeInputs(shape, length), loss);
    const B = shape.batchSize;
    const feeds = {
      ids: Int32Array.from({ length: B * length }, (_, index) => 2 + ((7 * index) % 40)),
      mask: new Float32Array(B * length).fill(1),
      targets: Int32Array.from({ length: B }, (_, row) => row % classes),
    };
    const at = { seed: 3, step: 1, scale: 1 };
    const weight = specs.find(
      ({ name, trainable }) => trainable && /(query|q_lin|\.q|query_proj|Wqkv)(\.lora_B)?\.weight$/.test(name),
    )!.name;
    try {
      const { loss: ofDynamic } = await dynamic.run(feeds, { ...at, sizes: { length } });
      const gradient = store.gradient(weight).slice();
      store.zeroGradients();
      const { loss: ofFixed } = await fixed.run(feeds, at);
      expect(ofDynamic).toBeCloseTo(ofFixed, 5);
      const scale = Math.max(...store.gradient(weight).map(Math.abs));
      const difference = Math.max(...gradient.map((value, i) => Math.abs(value - (store.gradient(weight)[i] ?? 0))));
      expect(difference).toBeLessThan(1e-4 * scale);
    } finally {
      await dynamic.release();
      await fixed.release();
      store.release();
    }
  },
);
