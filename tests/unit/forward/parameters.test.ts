import { describe, expect, it } from 'vitest';
import { encoderParameters, headParameters } from '../../../gpu-worker/forward/parameters.js';
import type { Freeze } from '../../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { lowestTrainedLayer } from '../../../src/protocol/trained-layers.js';

const tensor = (name: string, ...shape: number[]) => ({ name, shape, dtype: 'F32' as const });
const layers = [
  [tensor('embeddings.weight', 10, 4), tensor('embeddings.inverse_frequencies', 2)],
  [tensor('encoder.layers.0.attention_norm.weight', 4), tensor('encoder.layers.0.attention.output.weight', 4, 8)],
  [tensor('encoder.layers.1.attention.output.weight', 8, 8)],
  [tensor('pooler.weight', 8, 8), tensor('pooler.bias', 8)],
].map((tensors, index) => ({ name: `layer ${index}`, index, parameterCount: 0, tensors }));

const manifest: ModelManifest = {
  formatVersion: 1,
  config: {
    architecture: 'use-lite',
    vocabularySize: 10,
    embeddingSize: 4,
    hiddenSize: 8,
    intermediateSize: 16,
    attentionHeads: 2,
    layers: 2,
    layerNormEpsilon: 1e-6,
    maxPositions: 16,
    outputSize: 8,
  },
  parameterCount: 1,
  contextLength: 16,
  licence: 'Apache-2.0',
  weights: { digest: '0'.repeat(64), sizeBytes: 1 },
  tokenizer: { digest: '0'.repeat(64), kind: 'unigram', vocabularySize: 8 },
  layers,
  heads: [],
  maxLength: null,
  pooling: null,
  truncationSide: 'right',
  adapter: null,
  files: [],
};

const trained = (freeze: Freeze) =>
  encoderParameters(layers, lowestTrainedLayer(freeze, manifest))
    .filter(({ trainable }) => trainable)
    .map(({ name }) => name);

describe('encoderParameters', () => {
  it('trains everything but what is fixed by design', () => {
    expect(trained({ kind: 'none' })).toEqual([
      'embeddings.weight',
      'encoder.layers.0.attention_norm.weight',
      'encoder.layers.0.attention.output.weight',
      'encoder.layers.1.attention.output.weight',
      'pooler.weight',
      'pooler.bias',
    ]);
  });

  it('freezes the embeddings and the first n layers, never more than the encoder', () => {
    expect(trained({ kind: 'prefix', layers: 0 })[0]).toBe('encoder.layers.0.attention_norm.weight');
    expect(trained({ kind: 'prefix', layers: 1 })).toEqual([
      'encoder.layers.1.attention.output.weight',
      'pooler.weight',
      'pooler.bias',
    ]);
    expect(trained({ kind: 'prefix', layers: 2 })).toEqual(['pooler.weight', 'pooler.bias']);
    expect(trained({ kind: 'prefix', layers: 99 })).toEqual([]);
    expect(trained({ kind: 'encoder' })).toEqual([]);
    expect(lowestTrainedLayer({ kind: 'encoder' }, manifest)).toBe(4);
  });

  it('decays matrices, not biases or norms', () => {
    const specs = [
      ...encoderParameters(layers, 0),
      ...headParameters([{ kind: 'classification', task: 't', outputs: ['a', 'b'] }], manifest.config),
    ];
    expect(specs.filter(({ decay }) => decay).map(({ name }) => name)).toEqual([
      'embeddings.weight',
      'encoder.layers.0.attention.output.weight',
      'encoder.layers.1.attention.output.weight',
      'pooler.weight',
      'heads.t.weight',
    ]);
  });
});
