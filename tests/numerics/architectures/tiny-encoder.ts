import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { type EncoderConfig, type EncoderRun, inference } from '../../../gpu-worker/architectures/encoder-run.js';
import { dropHeadInputs, headInput } from '../../../gpu-worker/architectures/head-input.js';
import type { Feeds, InputSpec, ParameterSpec, Tensors } from '../../../gpu-worker/engine/types.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { Pooling } from '../../../src/protocol/pooling.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { type Batch, type Family, modelFolder, parameterName } from '../reference/hugging-face/reference.js';

/** The name of the reference models' head. */
export const task = 'label';
export const classes = 3;

/** The configuration of a reference model, hidden_act and rates as its config.json has them. */
export function tinyConfig(family: Family): EncoderConfig {
  const common = {
    hiddenSize: 32,
    intermediateSize: 64,
    attentionHeads: 4,
    layers: 2,
    activation: 'gelu' as const,
    hiddenDropout: 0.1,
    attentionDropout: 0.1,
    classifierDropout: family === 'distilbert' ? 0.2 : 0.1,
  };
  const small = { hiddenSize: 16, intermediateSize: 32 };
  switch (family) {
    case 'bert':
      return {
        architecture: family,
        ...common,
        vocabularySize: 120,
        maxPositions: 64,
        tokenTypes: 2,
        padTokenId: 0,
        layerNormEpsilon: 1e-12,
      };
    case 'distilbert':
      return {
        architecture: family,
        ...common,
        vocabularySize: 120,
        maxPositions: 64,
        padTokenId: 0,
        layerNormEpsilon: 1e-12,
      };
    case 'roberta':
      return {
        architecture: family,
        ...common,
        vocabularySize: 300,
        maxPositions: 66,
        tokenTypes: 1,
        padTokenId: 1,
        layerNormEpsilon: 1e-5,
      };
    case 'xlm-roberta':
      return {
        architecture: family,
        ...common,
        ...small,
        vocabularySize: 75,
        maxPositions: 66,
        tokenTypes: 1,
        padTokenId: 1,
        layerNormEpsilon: 1e-5,
      };
    case 'electra':
      return {
        architecture: family,
        ...common,
        ...small,
        embeddingSize: 8,
        vocabularySize: 120,
        maxPositions: 64,
        tokenTypes: 2,
        padTokenId: 0,
        layerNormEpsilon: 1e-12,
      };
    case 'mpnet':
      return {
        architecture: family,
        ...common,
        ...small,
        vocabularySize: 120,
        maxPositions: 202,
        padTokenId: 1,
        layerNormEpsilon: 1e-12,
      };
    case 'deberta-v2':
      return {
        architecture: family,
        ...common,
        ...small,
        vocabularySize: 75,
        maxPositions: 64,
        tokenTypes: 0,
        padTokenId: 0,
        layerNormEpsilon: 1e-7,
        embeddingSize: 16,
        hasPositionTable: false,
        distances: {
          span: 8,
          farthest: 20,
          ofKeys: true,
          ofQueries: true,
          sharesProjections: true,
          isNormalized: true,
        },
        poolerDropout: 0,
      };
    case 'modernbert': {
      const { hiddenDropout, ...shared } = common;
      return {
        architecture: family,
        ...shared,
        hiddenSize: 16,
        intermediateSize: 24,
        vocabularySize: 280,
        maxPositions: 64,
        padTokenId: 0,
        layerNormEpsilon: 1e-5,
        attentionBias: false,
        feedForwardBias: false,
        normBias: false,
        poolerBias: false,
        slidingLayers: [false, true],
        windowEachSide: 4,
        rotaryBase: 160_000,
        slidingRotaryBase: 10_000,
        embeddingDropout: hiddenDropout,
        feedForwardDropout: hiddenDropout,
      };
    }
    default:
      return family satisfies never;
  }
}

/** Weights of a reference model under Attune's names. */
export function tinyWeights(family: Family): ReadonlyMap<string, Float32Array> {
  const { tensors } = readSafetensors(readFileSync(new URL('model.safetensors', modelFolder(family))));
  return new Map([...tensors].map(([name, { data }]) => [parameterName(family, name, task), data]));
}

/** Parameters of an encoder with one head; without the pooler where heads read the mean, and it does not. */
export function tinySpecs(family: Family, pooling: Pooling = 'firstToken'): ParameterSpec[] {
  const config = tinyConfig(family);
  const { hiddenSize } = config;
  const pooler = pooling === 'firstToken' || traitsOf(config).poolsAll === true;
  const encoder = layersOf(config, { pooler }).flatMap(({ tensors }) => tensors);
  const head = [
    { name: `heads.${task}.weight`, shape: [classes, hiddenSize] },
    { name: `heads.${task}.bias`, shape: [classes] },
  ];
  return [...encoder, ...head].map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 }));
}

export function inputsOf({ ids }: Batch): Record<string, InputSpec> {
  const shape = [ids.length, ids[0]?.length ?? 0];
  return {
    ids: { shape, dtype: 'int32' },
    mask: { shape, dtype: 'float32' },
    typeIds: { shape, dtype: 'int32' },
    labels: { shape: [ids.length], dtype: 'int32' },
  };
}

export function feedsOf({ ids, mask, typeIds, labels }: Batch): Feeds {
  return {
    ids: Int32Array.from(ids.flat()),
    mask: Float32Array.from(mask.flat()),
    typeIds: Int32Array.from(typeIds.flat()),
    labels: Int32Array.from(labels),
  };
}

/** Logits [B,C] of the head over the encoder. */
export function logits(
  parameters: Tensors,
  inputs: Tensors,
  family: Family,
  pooling: Pooling,
  run: EncoderRun = inference,
): Tensor {
  const config = tinyConfig(family);
  const { ids, mask, typeIds } = inputs as { ids: Tensor; mask: Tensor; typeIds: Tensor };
  const read = headInput(parameters, { ids, mask, typeIds }, config, pooling, run);
  const [weight, bias] = [parameters[`heads.${task}.weight`], parameters[`heads.${task}.bias`]] as [Tensor, Tensor];
  return linear(dropHeadInputs({ pooled: read }, config, run).pooled as Tensor, weight, bias);
}
