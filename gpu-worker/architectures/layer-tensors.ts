import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { elementCount } from '../../src/storage/safetensors.js';
import type { PostNormConfig } from './encoder-run.js';
import type { LayerModules } from './post-norm-layer.js';

type Described = LayerDescription['tensors'];

/** Describes one layer by its tensors. */
export function describeLayer(index: number, name: string, tensors: Described): LayerDescription {
  const parameterCount = tensors.reduce((count, { shape }) => count + elementCount(shape), 0);
  return { name, index, parameterCount, tensors };
}

export function table(name: string, rows: number, width: number): Described {
  return [{ name: `${name}.weight`, shape: [rows, width], dtype: 'F32' }];
}

/** A linear module: weight [O,I] and, where it has one, bias [O]. */
export function projection(name: string, outputs: number, inputs: number, hasBias = true): Described {
  const weight: Described = [{ name: `${name}.weight`, shape: [outputs, inputs], dtype: 'F32' }];
  return hasBias ? [...weight, { name: `${name}.bias`, shape: [outputs], dtype: 'F32' }] : weight;
}

/** A linear module that is stored as it is multiplied: weight [I,O] and bias [O]. */
export function transposedProjection(name: string, outputs: number, inputs: number): Described {
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], dtype: 'F32' },
    { name: `${name}.bias`, shape: [outputs], dtype: 'F32' },
  ];
}

/** A norm that may have a bias. */
export function norm(name: string, width: number, hasBias: boolean): Described {
  return hasBias ? normalization(name, width) : gain(name, width);
}

/** A norm without a bias. */
export function gain(name: string, width: number): Described {
  return [{ name: `${name}.weight`, shape: [width], dtype: 'F32' }];
}

export function normalization(name: string, width: number): Described {
  return [
    { name: `${name}.weight`, shape: [width], dtype: 'F32' },
    { name: `${name}.bias`, shape: [width], dtype: 'F32' },
  ];
}

/** The layers of an encoder: 1 … L. */
export function describeEncoderLayers(
  { layers, hiddenSize: H, intermediateSize: F }: PostNormConfig,
  nameOf: (layer: number) => string,
  modulesOf: (layer: number) => LayerModules,
): LayerDescription[] {
  return Array.from({ length: layers }, (_, layer) => {
    const names = modulesOf(layer);
    return describeLayer(layer + 1, nameOf(layer), [
      ...projection(names.query, H, H),
      ...projection(names.key, H, H),
      ...projection(names.value, H, H),
      ...(names.distanceKey === undefined ? [] : projection(names.distanceKey, H, H)),
      ...(names.distanceQuery === undefined ? [] : projection(names.distanceQuery, H, H)),
      ...projection(names.attentionOutput, H, H),
      ...normalization(names.attentionNorm, H),
      ...projection(names.feedForwardInput, F, H),
      ...projection(names.feedForwardOutput, H, F),
      ...normalization(names.feedForwardNorm, H),
    ]);
  });
}
