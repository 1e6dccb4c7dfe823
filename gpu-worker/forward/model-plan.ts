import { traitsOf } from '../../src/protocol/architectures/index.js';
import { readsTokens } from '../../src/protocol/heads.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LayerDescription, LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { isPoolerTensor, lowestTrainedLayer } from '../../src/protocol/trained-layers.js';
import { adapterParameters, loraScale } from '../adapters/lora-parameters.js';
import { isEncoder } from '../architectures/encoder-run.js';
import { describePooler } from '../architectures/layer-tensors.js';
import type { ParameterSpec } from '../engine/types.js';
import type { Head } from '../heads/index.js';
import type { HeadReading } from './example-source.js';
import { encoderParameters, hasHead, headParameters } from './parameters.js';

/** What a training makes of its base model. */
export interface ModelPlan {
  readonly base: ModelManifest;
  /** How heads read the encoder. */
  readonly reading: HeadReading;
  /**
   * Layers of the model that results: the base model's, and a pooler where it lacks the one that heads read through.
   */
  readonly layers: readonly LayerDescription[];
  /** That pooler's parameters: trained whatever else is frozen. */
  readonly freshPooler: readonly ParameterSpec[];
  /** The base model's parameters as far as heads read them: not a pooler that they do without. */
  readonly encoder: readonly ParameterSpec[];
  /**
   * Whether embeddings and layers are all as in the base model, at every step: they are then run once for each text.
   */
  readonly isEncoderFrozen: boolean;
  readonly lora: LoraConfig | null;
  readonly adapter: readonly ParameterSpec[];
  readonly heads: readonly (Head & { readonly isTransferred: boolean })[];
}

/** Errors: ProblemError UNKNOWN_MODULE, INVALID_VALUE (an adapter's targets). */
export function planModel(
  base: ModelManifest,
  heads: readonly Head[],
  { pooling: asked, dropout, freeze, adapter }: Pick<Hyperparameters, 'pooling' | 'dropout' | 'freeze' | 'adapter'>,
): ModelPlan {
  const { config } = base;
  const { hasOwnPooler } = traitsOf(config);
  const needs = { pooled: heads.some((head) => !readsTokens(head)), tokens: heads.some(readsTokens) };
  const pooling = hasOwnPooler || !needs.pooled ? null : (asked ?? 'firstToken');
  const hasPooler = base.layers.some(({ tensors }) => tensors.some(isPoolerTensor));
  const fresh = isEncoder(config) && pooling === 'firstToken' && !hasPooler ? [describePooler(config)] : [];
  const lowest = adapter === null ? lowestTrainedLayer(freeze, base) : 0;
  const isPoolerRead = hasOwnPooler || pooling === 'firstToken';
  const isRead = (spec: ParameterSpec) => isPoolerRead || !isPoolerTensor(spec);
  return {
    base,
    reading: {
      config,
      pooling,
      needs,
      dropout,
      fromLayer: lowest,
      adapter: adapter === null ? null : { scale: loraScale(adapter), dropout: adapter.dropout },
    },
    layers: [...base.layers, ...fresh],
    freshPooler: encoderParameters(fresh, 0),
    encoder: encoderParameters(base.layers, adapter === null ? lowest : base.layers.length).filter(isRead),
    // A pooler of its own is part of what is computed once; any other can be trained on what is below it.
    isEncoderFrozen: adapter === null && lowest > (hasOwnPooler ? config.layers + 1 : config.layers),
    lora: adapter,
    adapter: adapter === null ? [] : adapterParameters(base, adapter),
    heads: heads.map((head) => ({
      ...head,
      isTransferred: hasHead(base, head) && (readsTokens(head) || (base.pooling ?? pooling) === pooling),
    })),
  };
}

/** All parameters of a plan, in the order of the store. */
export function plannedParameters({ base, encoder, freshPooler, adapter, heads }: ModelPlan): ParameterSpec[] {
  return [...encoder, ...freshPooler, ...adapter, ...headParameters(heads, base.config)];
}
