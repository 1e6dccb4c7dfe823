import { bytesPerWeight, type FrozenWeights, formatOf } from './frozen-weights.js';
import { adaptableModules } from './lora-targets.js';
import type { ModelManifest } from './model-manifest.js';
import { isLanguageModelTensor, languageModelHead } from './trained-layers.js';

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/**
 * The formats that a model's matrices are held in under an adapter, by tensor; none where float32 was asked for.
 *
 * Projections have the format that was asked for. Tables that rows are only looked up in are halves. What logits of
 * tokens are products with stays float32, as it is needed as a whole at a time: often the table of the tokens.
 *
 * @param predictsTokens whether the model's own logits of tokens are trained
 */
export function heldFormats(
  model: Model,
  wanted: FrozenWeights | undefined,
  predictsTokens: boolean,
): ReadonlyMap<string, FrozenWeights> {
  if (wanted === undefined || wanted === 'float32') return new Map();
  const tensors = model.layers.flatMap((layer) => layer.tensors);
  const projections = new Set(adaptableModules(model).map(({ name }) => `${name}.weight`));
  const sharesTable = predictsTokens && !tensors.some(({ name }) => name === `${languageModelHead}.weight`);
  const formatOfTensor = (tensor: (typeof tensors)[number]): FrozenWeights => {
    if (projections.has(tensor.name)) return formatOf(wanted, tensor.shape);
    const isTokenTable = tensor.shape[0] === model.config.vocabularySize;
    return isLanguageModelTensor(tensor) || (sharesTable && isTokenTable) ? 'float32' : 'float16';
  };
  return new Map(
    tensors.filter(({ shape }) => shape.length === 2).map((tensor) => [tensor.name, formatOfTensor(tensor)]),
  );
}

/** What held matrices come to. */
export interface HeldSize {
  /** How many weights they have together. */
  readonly weights: number;
  readonly bytes: number;
  /** Weights of the largest matrix that becomes float32 for a product. */
  readonly largest: number;
}

export function heldSize(...asked: Parameters<typeof heldFormats>): HeldSize {
  const formats = heldFormats(...asked);
  const size = { weights: 0, bytes: 0, largest: 0 };
  for (const { name, shape } of asked[0].layers.flatMap(({ tensors }) => tensors)) {
    const format = formats.get(name);
    if (format === undefined) continue;
    const weights = shape.reduce((product, axis) => product * axis, 1);
    size.weights += weights;
    size.bytes += weights * bytesPerWeight(format);
    if (format !== 'float32' && format === formatOf(asked[1] ?? 'float32', shape)) {
      size.largest = Math.max(size.largest, weights);
    }
  }
  return size;
}
