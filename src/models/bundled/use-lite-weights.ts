import type { UseLiteConfig } from '../../protocol/architectures/index.js';
import { elementCount, type Tensor } from '../../storage/safetensors.js';

export const useLiteConfig: UseLiteConfig = {
  architecture: 'use-lite',
  vocabularySize: 8002,
  embeddingSize: 256,
  hiddenSize: 512,
  intermediateSize: 1536,
  attentionHeads: 4,
  layers: 2,
  layerNormEpsilon: 1e-6,
  maxPositions: 128,
  outputSize: 512,
};

/** From the input to the output; a tensor belongs to the layer whose name its own begins with. */
export const useLiteLayers = ['embeddings', 'encoder.layers.0', 'encoder.layers.1', 'pooler'] as const;

interface Source {
  /** The tensor's name in the published graph. */
  readonly name: string;
  /** As Attune stores it. The graph's 1×1 convolutions have kernels [1,1,in,out]: the same numbers as [in,out]. */
  readonly shape: readonly number[];
}

const folded = 'module_apply_default/Encoder_en/KonaTransformer/Encode';
const variables = 'module/Encoder_en/KonaTransformer/Encode';

/**
 * Attune's names of the tensors, and where the published graph has them. Weights of linear layers are [in,out] as in
 * the graph: y = x·W + b. `embeddings.inverse_frequencies` [128] is a constant of the graph, 10000^(−i/127), and never
 * trained.
 */
export function useLiteSources(config: UseLiteConfig): ReadonlyMap<string, Source> {
  const { vocabularySize, embeddingSize, hiddenSize, intermediateSize, outputSize } = config;
  const sources = new Map<string, Source>([
    ['embeddings.weight', { name: 'module/Embeddings_en', shape: [vocabularySize, embeddingSize] }],
    [
      'embeddings.inverse_frequencies',
      {
        name: `${folded}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`,
        shape: [embeddingSize / 2],
      },
    ],
    [
      'pooler.weight',
      { name: 'module/Encoder_en/hidden_layers/tanh_layer_0/weights', shape: [hiddenSize, outputSize] },
    ],
    ['pooler.bias', { name: 'module/Encoder_en/hidden_layers/tanh_layer_0/bias', shape: [outputSize] }],
  ]);
  for (let layer = 0; layer < config.layers; layer++) {
    const size = layer === 0 ? embeddingSize : hiddenSize;
    const layerFolder = `Layer_${layer}/TransformerLayer`;
    const add = (name: string, source: string, shape: readonly number[]) =>
      sources.set(`encoder.layers.${layer}.${name}`, { name: source, shape });
    const addNorm = (name: string, source: string, width: number) => {
      add(`${name}.weight`, `${folded}/${layerFolder}/${source}/layer_norm/layer_norm_scale/ConcatPartitions/concat`, [
        width,
      ]);
      add(`${name}.bias`, `${folded}/${layerFolder}/${source}/layer_norm/layer_norm_bias/ConcatPartitions/concat`, [
        width,
      ]);
    };
    const addBias = (name: string, source: string, width: number) =>
      add(`${name}.bias`, `${folded}/${layerFolder}/${source}/bias/ConcatPartitions/concat`, [width]);

    addNorm('attention_norm', 'layer_prepostprocess', size);
    const attention = `${layerFolder}/MultiheadAttention`;
    add('attention.query_key_value.weight', `${variables}/${attention}/qkv_transform_single/kernel/part_0`, [
      size,
      3 * size,
    ]);
    addBias('attention.query_key_value', 'MultiheadAttention/qkv_transform_single', 3 * size);
    add('attention.output.weight', `${variables}/${attention}/output_transform_single/kernel/part_0`, [
      size,
      hiddenSize,
    ]);
    addBias('attention.output', 'MultiheadAttention/output_transform_single', hiddenSize);
    if (size !== hiddenSize) {
      add('residual_projection.weight', `${folded}/${layerFolder}/dense/kernel/ConcatPartitions/concat`, [
        size,
        hiddenSize,
      ]);
      addBias('residual_projection', 'dense', hiddenSize);
    }
    addNorm('feed_forward_norm', 'FFN/layer_prepostprocess', hiddenSize);
    const feedForward = `${folded}/TransformerStack/${layerFolder}/FFN`;
    add('feed_forward.input.weight', `${feedForward}/conv1/Tensordot/Reshape_1`, [hiddenSize, intermediateSize]);
    addBias('feed_forward.input', 'FFN/conv1', intermediateSize);
    add('feed_forward.output.weight', `${feedForward}/conv2/Tensordot/Reshape_1`, [intermediateSize, hiddenSize]);
    addBias('feed_forward.output', 'FFN/conv2', hiddenSize);
  }
  return sources;
}

/**
 * The published weights under Attune's names.
 * Errors: Error when a tensor is missing, has another size, or none of Attune's tensors stands for it.
 */
export function convertUseLiteWeights(published: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const unused = new Set(published.keys());
  const converted = [...useLiteSources(useLiteConfig)].map(([name, source]): [string, Tensor] => {
    const tensor = published.get(source.name);
    if (tensor === undefined) throw new Error(`the published graph has no ${source.name}`);
    if (elementCount(tensor.shape) !== elementCount(source.shape)) {
      throw new Error(`${source.name} is [${tensor.shape}], where ${name} has to be [${source.shape}]`);
    }
    unused.delete(source.name);
    return [name, { shape: source.shape, data: tensor.data }];
  });
  // The graph's other constants are scalars: 1/√head size, epsilon, the attention bias of padding.
  for (const name of unused) {
    if (published.get(name)!.data.length > 1) throw new Error(`no tensor of Attune's stands for ${name}`);
  }
  return new Map(converted);
}
