import { traitsOf } from '../../src/protocol/architectures/index.js';
import { readsTokens } from '../../src/protocol/heads.js';
import { heldFormats } from '../../src/protocol/held-weights.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LayerDescription, LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { isLanguageModelTensor, isPoolerTensor, lowestTrainedLayer } from '../../src/protocol/trained-layers.js';
import { adapterParameters, loraScale } from '../adapters/lora-parameters.js';
import { describePooler } from '../architectures/encoder.js';
import { isEncoder } from '../architectures/encoder-run.js';
import { describeTokenPredictor } from '../architectures/masked-tokens.js';
import type { ParameterSpec } from '../engine/types.js';
import type { Head } from '../heads/index.js';
import type { HeadReading } from './example-source.js';
import { encoderParameters, hasHead, headParameters } from './parameters.js';

/** What a training takes from its base model, what it adds, and which of that it trains. */
export interface ModelPlan {
  readonly base: ModelManifest;
  /** How heads read the encoder. */
  readonly reading: HeadReading;
  /**
   * Layers of the model that training makes: the base model's, and a pooler where heads read through one that it lacks.
   */
  readonly layers: readonly LayerDescription[];
  /** The parameters of the added pooler, which is trained whatever else is frozen; empty where none is added. */
  readonly freshPooler: readonly ParameterSpec[];
  /** What predicts masked tokens, where it is trained and the base model lacks it; else empty. */
  readonly freshPredictor: readonly ParameterSpec[];
  /**
   * The base model's parameters, without a pooler and a matrix of the next token's logits that the heads do not read.
   */
  readonly encoder: readonly ParameterSpec[];
  /** Whether no step of training changes embeddings and layers, so that they can be run once for each text. */
  readonly isEncoderFrozen: boolean;
  readonly lora: LoraConfig | null;
  readonly adapter: readonly ParameterSpec[];
  /** `isTransferred`: the head starts with the values that it has in the base model. */
  readonly heads: readonly (Head & { readonly isTransferred: boolean })[];
  /** Whether the model's own logits of tokens are trained, and no head. */
  readonly predictsTokens: boolean;
}

/**
 * Plans a training of heads on a base model. Errors: ProblemError UNKNOWN_MODULE, INVALID_VALUE (an adapter's targets).
 */
export function planModel(
  base: ModelManifest,
  heads: readonly Head[],
  { pooling: asked, dropout, freeze, adapter }: Pick<Hyperparameters, 'pooling' | 'dropout' | 'freeze' | 'adapter'>,
): ModelPlan {
  const { config } = base;
  const { hasOwnPooler, defaultPooling, poolsAll = false } = traitsOf(config);
  const needs = { pooled: heads.some((head) => !readsTokens(head)), tokens: heads.some(readsTokens) };
  const pooling = hasOwnPooler || !needs.pooled ? null : (asked ?? defaultPooling);
  const isPoolerRead = hasOwnPooler || poolsAll || pooling === 'firstToken';
  const fresh = isPoolerRead ? lackedPooler(base) : [];
  const lowest = adapter === null ? lowestTrainedLayer(freeze, base) : 0;
  const isRead = (spec: ParameterSpec) => (isPoolerRead || !isPoolerTensor(spec)) && !isLanguageModelTensor(spec);
  // What predicts the next token does not fit states that training changed; under an adapter the base model keeps it.
  const kept =
    adapter === null ? base.layers.filter(({ tensors }) => !tensors.some(isLanguageModelTensor)) : base.layers;
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
    layers: [...kept, ...fresh],
    freshPooler: encoderParameters(fresh, 0),
    freshPredictor: [],
    encoder: held(
      base,
      encoderParameters(base.layers, adapter === null ? lowest : base.layers.length),
      adapter,
      false,
    ).filter(isRead),
    // Where the family has a pooler of its own, that has to be frozen too. Any other pooler can be trained over frozen
    // layers.
    isEncoderFrozen: adapter === null && lowest > (hasOwnPooler ? config.layers + 1 : config.layers),
    predictsTokens: false,
    lora: adapter,
    adapter: adapter === null ? [] : adapterParameters(base, adapter),
    heads: heads.map((head) => ({
      ...head,
      isTransferred: hasHead(base, head) && (readsTokens(head) || (base.pooling ?? pooling) === pooling),
    })),
  };
}

/** The pooler of an encoder that has none. */
function lackedPooler({ config, layers }: ModelManifest): LayerDescription[] {
  const has = layers.some(({ tensors }) => tensors.some(isPoolerTensor));
  return isEncoder(config) && !has ? [describePooler(config)] : [];
}

/**
 * Plans a training of the model's own logits of tokens: all layers are read, and those from the lowest trained one up
 * are trained, or an adapter over all of them. An encoder that cannot predict masked tokens yet gets what does. Errors:
 * ProblemError UNKNOWN_MODULE, INVALID_VALUE (an adapter's targets).
 */
export function planLanguageModel(
  base: ModelManifest,
  { dropout, freeze, adapter }: Pick<Hyperparameters, 'dropout' | 'freeze' | 'adapter'>,
): ModelPlan {
  const plan = planModel(base, [], { pooling: null, dropout, freeze, adapter });
  const lowest = adapter === null ? lowestTrainedLayer(freeze, base) : base.layers.length;
  const { config } = base;
  const lacksPredictor = isEncoder(config) && !base.layers.some(({ tensors }) => tensors.some(isLanguageModelTensor));
  const { poolsAll = false } = traitsOf(config);
  const pooler = poolsAll ? lackedPooler(base) : [];
  const fresh = lacksPredictor ? [describeTokenPredictor(config, base.layers.length + pooler.length)] : [];
  return {
    ...plan,
    reading: { ...plan.reading, needs: { pooled: false, tokens: true } },
    predictsTokens: true,
    layers: [...base.layers, ...pooler, ...fresh],
    freshPredictor: encoderParameters(fresh, 0),
    encoder: held(base, encoderParameters(base.layers, lowest), adapter, true).filter(
      (spec) => poolsAll || !isPoolerTensor(spec),
    ),
  };
}

/** The frozen parameters under an adapter in the formats that they are held in. */
function held(
  base: ModelManifest,
  specs: readonly ParameterSpec[],
  adapter: LoraConfig | null,
  predictsTokens: boolean,
): ParameterSpec[] {
  const formats = heldFormats(base, adapter?.frozenWeights, predictsTokens);
  return specs.map((spec) => {
    const format = formats.get(spec.name);
    return format === undefined ? spec : { ...spec, format };
  });
}

/** All parameters of a plan, in the order of the store. */
export function plannedParameters({
  base,
  encoder,
  freshPooler,
  freshPredictor,
  adapter,
  heads,
}: ModelPlan): ParameterSpec[] {
  return [...encoder, ...freshPooler, ...freshPredictor, ...adapter, ...headParameters(heads, base.config)];
}
