import { describe, expect, it } from 'vitest';
import { decoderLayersOf } from '../../../gpu-worker/architectures/decoder.js';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { planModel, plannedParameters } from '../../../gpu-worker/forward/model-plan.js';
import { availableMemory } from '../../../gpu-worker/training/available-memory.js';
import { checkMemory, plannedBytes } from '../../../gpu-worker/training/memory-estimate.js';
import { costOf } from '../../../src/experiments/estimate-cost.js';
import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { heldSize } from '../../../src/protocol/held-weights.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import { estimateTrainingBytes } from '../../../src/protocol/training-memory.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { miniLmConfig } from '../../support/mini-lm.js';
import { hyperparameters, supervisedSpec } from '../../support/specs.js';

function manifestOf(pooler: boolean): ModelManifest {
  const layers = layersOf(miniLmConfig, { pooler });
  return {
    formatVersion: 1,
    config: miniLmConfig,
    parameterCount: layers.reduce((count, layer) => count + layer.parameterCount, 0),
    contextLength: 512,
    licence: 'Apache-2.0',
    weights: { digest: '0'.repeat(64), sizeBytes: 1 },
    tokenizer: { digest: '0'.repeat(64), kind: 'WordPiece', vocabularySize: 30_522 },
    layers,
    heads: [],
    maxLength: null,
    pooling: null,
    truncationSide: 'right',
    adapter: null,
    files: [],
  };
}

const labels = Array.from({ length: 77 }, (_, c) => `intent ${c}`);
const lora: LoraConfig = {
  rank: 8,
  alpha: 16,
  rankStabilized: false,
  dropout: 0.1,
  targetModules: ['query', 'value'],
};
const size: Hyperparameters = { ...hyperparameters, batchSize: 16, maxLength: 128, pooling: 'firstToken' };

const specOf = (h: Partial<Hyperparameters>): RunSpec =>
  supervisedSpec({ labelColumn: 'intent', labels, hyperparameters: { ...size, ...h } });

const planOf = (h: Partial<Hyperparameters>, pooler = true) =>
  planModel(manifestOf(pooler), [{ kind: 'classification', task: 'intent', outputs: labels }], { ...size, ...h });

/** Universal Sentence Encoder Lite, in batches of 16 × 64 tokens: a family with a graph for each of several lengths. */
describe('estimateTrainingBytes of a family with several graphs', () => {
  const size = {
    config: {
      architecture: 'use-lite' as const,
      vocabularySize: 8000,
      embeddingSize: 256,
      hiddenSize: 512,
      intermediateSize: 1536,
      attentionHeads: 4,
      layers: 2,
      layerNormEpsilon: 1e-6,
      maxPositions: 128,
      outputSize: 512,
    },
    batchSize: 16,
    maxLength: 64,
    lowestTrainedLayer: 0,
  };

  it.each([
    ['in full', { ...size, trainable: 6_998_957, frozen: 0 }, 717],
    ['frozen', { ...size, lowestTrainedLayer: 4, trainable: 23_085, frozen: 6_975_872 }, 405],
  ])('%s is within 15 %% of the peak that was measured', (_, training, mebibytes) => {
    const ratio = estimateTrainingBytes(training) / (mebibytes * 2 ** 20);
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });
});

/** Eight layers at 16 × 128 tokens; the vocabulary has 12 tokens. */
describe('estimateTrainingBytes', () => {
  const common = {
    vocabularySize: 12,
    layers: 8,
    maxPositions: 256,
    normEpsilon: 1e-6,
    rotaryBase: 10_000,
    rotaryScaling: { kind: 'none' as const },
    slidingWindow: 64,
    slidingLayers: [true, false, true, false, true, false, true, false],
    attentionBias: false,
    feedForwardBias: false as const,
    attentionDropout: 0,
    classifierDropout: 0,
    padTokenId: 0,
    tiesEmbeddings: true,
  };
  const narrow = {
    ...common,
    hiddenSize: 320,
    intermediateSize: 512,
    attentionHeads: 5,
    keyValueHeads: 5,
    headSize: 64,
  };
  const wide = { ...narrow, attentionHeads: 8, keyValueHeads: 4, headSize: 80 };
  const large = {
    ...common,
    hiddenSize: 512,
    intermediateSize: 1376,
    attentionHeads: 8,
    keyValueHeads: 8,
    headSize: 64,
  };
  const gemma = { architecture: 'gemma3_text' as const, slidingRotaryBase: 100, queryScalar: 80 };
  it.each<[string, DecoderConfig, number, number]>([
    ['Llama', { architecture: 'llama', ...narrow }, 7.22e6, 697],
    ['Llama, wide heads', { architecture: 'llama', ...wide }, 8.86e6, 869],
    ['Llama, larger', { architecture: 'llama', ...large }, 25.3e6, 1296],
    ['Llama, few keys', { architecture: 'llama', ...large, keyValueHeads: 2 }, 22.2e6, 1210],
    ['Qwen3', { architecture: 'qwen3', ...narrow }, 7.22e6, 747],
    ['Qwen3, wide heads', { architecture: 'qwen3', ...wide }, 8.86e6, 964],
    ['Qwen3, many heads', { architecture: 'qwen3', ...large, attentionHeads: 16, keyValueHeads: 4 }, 27.4e6, 1663],
    ['Gemma 3', { ...gemma, ...narrow }, 7.23e6, 790],
    ['Gemma 3, wide heads', { ...gemma, ...wide }, 8.86e6, 1013],
    ['Gemma 3, larger', { ...gemma, ...large }, 25.3e6, 1444],
  ])('is within a tenth of the measured peak: %s', (_, config, trainable, measuredMegabytes) => {
    const size = { config, batchSize: 16, maxLength: 128, lowestTrainedLayer: 0, trainable, frozen: 0 };
    const estimate = estimateTrainingBytes(size) / 2 ** 20;
    expect(estimate / measuredMegabytes).toBeGreaterThan(0.93);
    expect(estimate / measuredMegabytes).toBeLessThan(1.1);
  });
  it.each([
    ['float32', 1297],
    ['float16', 1173],
    ['int8', 1081],
    ['int4', 992],
  ] as const)('an adapter over a Llama of 135 million weights held as %s', (wanted, measuredMegabytes) => {
    const llama = {
      ...common,
      architecture: 'llama' as const,
      vocabularySize: 49_152,
      hiddenSize: 576,
      layers: 30,
      attentionHeads: 9,
      keyValueHeads: 3,
      headSize: 64,
      intermediateSize: 1536,
    };
    const layers = decoderLayersOf(llama, { languageModel: false });
    const tensors = layers.slice(1).flatMap((layer) => layer.tensors);
    const adapted = tensors.filter(({ shape }) => shape.length === 2);
    const estimate = estimateTrainingBytes({
      config: llama,
      batchSize: 2,
      maxLength: 128,
      lowestTrainedLayer: 0,
      // Rank 16 on every projection.
      trainable: adapted.reduce((sum, { shape }) => sum + 16 * (shape[0]! + shape[1]!), 0),
      frozen: layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
      predictsTokens: true,
      held: heldSize({ config: llama, layers }, wanted, true),
    });
    // The measured peak leaves out what the process takes before it trains.
    const ofProcess = 120;
    const ratio = estimate / 2 ** 20 / (measuredMegabytes + ofProcess);
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.1);
  });
});

describe('plannedBytes', () => {
  it.each<[string, Partial<Hyperparameters>, number]>([
    ['all trained, head on the first token', {}, 897],
    ['all trained, mean-pooled', { pooling: 'mean' }, 989],
    ['twice the batch', { batchSize: 32 }, 1307],
    ['longer texts', { batchSize: 8, maxLength: 256 }, 1099],
    ['an adapter', { adapter: lora }, 1050],
    ['three frozen layers', { freeze: { kind: 'prefix', layers: 3 } }, 707],
    ['heads alone', { freeze: { kind: 'encoder' } }, 481],
  ])('is within a tenth of the measured peak: %s', (_, h, measuredMegabytes) => {
    const estimate = plannedBytes(planOf(h), { ...size, ...h }) / 2 ** 20;
    expect(estimate / measuredMegabytes).toBeGreaterThan(0.93);
    expect(estimate / measuredMegabytes).toBeLessThan(1.1);
  });

  const variants: [string, Partial<Hyperparameters>][] = [
    ['in full', {}],
    ['mean-pooled', { pooling: 'mean' }],
    ['above a prefix', { freeze: { kind: 'prefix', layers: 3 } }],
    ['above all layers', { freeze: { kind: 'prefix', layers: 99 } }],
    ['heads alone', { freeze: { kind: 'encoder' } }],
    ['heads alone, mean-pooled', { freeze: { kind: 'encoder' }, pooling: 'mean' }],
    ['an adapter', { adapter: lora }],
    ['an adapter on all', { adapter: { ...lora, targetModules: ['all-linear'] } }],
  ];
  it.each(variants)('is what the API told beforehand, with a pooler and without: %s', (_, h) => {
    for (const pooler of [true, false]) {
      const plan = planOf(h, pooler);
      const trained = plannedParameters(plan).filter(({ trainable }) => trainable);
      const cost = costOf(specOf(h), manifestOf(pooler), {
        labelled: { train: 1, validation: 1 },
        labels: {},
        splitsWithLists: {},
      });
      expect(cost.trainableParameters).toBe(trained.reduce((sum, { shape }) => sum + elementCount(shape), 0));
      expect(cost.estimatedMemoryBytes).toBe(plannedBytes(plan, { ...size, ...h }));
    }
  });
});

describe('checkMemory', () => {
  it('refuses what does not fit, with both figures', () => {
    expect(() => checkMemory(2.1e9, 2e9)).toThrow('training needs about 2.1 GB, and 2.0 GB are available');
    expect(() => checkMemory(2e9, 2e9)).not.toThrow();
  });

  it('never counts on more than the machine has left', () => {
    expect(availableMemory(123)).toBeLessThanOrEqual(123);
    expect(availableMemory(0)).toBe(0);
  });
});
