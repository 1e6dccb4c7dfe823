import { embeddingWidth, headHasBias, headInputSize, traitsOf } from './architectures/index.js';
import { outputNames, readsTokens } from './heads.js';
import type { Hyperparameters } from './hyperparameters.js';
import { adaptableModules, targetedNames } from './lora-targets.js';
import { byMethod, headsOf, type RunSpec } from './methods/index.js';
import type { ModelManifest } from './model-manifest.js';
import { isLanguageModelTensor, isPoolerTensor, lowestTrainedLayer } from './trained-layers.js';

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/** How many numbers training changes, and how many it leaves unchanged. Heads that came with the model are not used. */
export function countParameters(spec: RunSpec, model: Model): { trainable: number; frozen: number } {
  const { hyperparameters } = spec;
  const own = sizes(model);
  const total = own.reduce((sum, { numbers }) => sum + numbers, 0);
  const fresh = countHeads(spec, model) + countFreshPooler(spec, model) + countFreshPredictor(spec, model);
  if (hyperparameters.adapter !== null) {
    return { trainable: fresh + countAdapter(hyperparameters.adapter, model), frozen: total };
  }
  const lowest = lowestTrainedLayer(hyperparameters.freeze, model);
  const trained = own
    .filter(
      ({ index, isPooler, isRead }) =>
        (isRead || learnsTokens(spec)) && index >= lowest && (!isPooler || readsPooler(spec, model)),
    )
    .reduce((sum, { numbers }) => sum + numbers, 0);
  return { trainable: trained + fresh, frozen: total - trained };
}

/**
 * Index of the lowest layer that the backward pass reaches: 0 under an adapter; one beyond the last layer when it
 * reaches none.
 */
export function lowestLayerReached({ freeze, adapter }: Hyperparameters, model: Pick<Model, 'layers'>): number {
  return adapter === null ? lowestTrainedLayer(freeze, model) : 0;
}

/**
 * Whether frozen lower layers run once over all texts before training, whose states are kept: as
 * gpu-worker/training/frozen-prefix.ts decides where the disk has room for them.
 */
export function runsPrefixOnce(
  { freeze, adapter, epochs }: Hyperparameters,
  model: Model,
  predictsTokens: boolean,
): boolean {
  const lowest = lowestTrainedLayer(freeze, model);
  return adapter === null && lowest > 0 && epochs > 1 && !predictsTokens && traitsOf(model.config).runsFromStates;
}

/** Whether the model's own matrix for the next token is trained, as no head is. */
export function learnsTokens(spec: RunSpec): boolean {
  return headsOf(spec).length === 0;
}

interface Size {
  readonly index: number;
  readonly isPooler: boolean;
  /** Not what predicts the next token: no head reads it. */
  readonly isRead: boolean;
  readonly numbers: number;
}

/** Heads of tokens, and heads of the mean over tokens, do not read the pooler of most families. */
function readsPooler(spec: RunSpec, { config }: Pick<Model, 'config'>): boolean {
  if (traitsOf(config).poolsAll === true) return true;
  return spec.hyperparameters.pooling !== 'mean' && !headsOf(spec).every(({ head }) => readsTokens(head));
}

/**
 * How many numbers each layer has, with the pooler's counted separately, because it is not trained where no head reads
 * it.
 */
function sizes({ layers }: Pick<Model, 'layers'>): Size[] {
  return layers.map(({ index, parameterCount, tensors }) => ({
    index,
    isPooler: tensors.length > 0 && tensors.every(isPoolerTensor),
    isRead: !tensors.some(isLanguageModelTensor),
    numbers: parameterCount,
  }));
}

/** The numbers of A [R,I] and B [O,R] for each adapted module. */
function countAdapter({ rank, targetModules }: NonNullable<Hyperparameters['adapter']>, model: Model): number {
  const modules = adaptableModules(model);
  const targeted = new Set(
    targetedNames(
      modules.map(({ name }) => name),
      targetModules,
    ),
  );
  return modules
    .filter(({ name }) => targeted.has(name))
    .reduce((sum, { inputs, outputs }) => sum + rank * (inputs + outputs), 0);
}

/**
 * A model without a pooler gets a new one where it is read through it: weight [H,H] and bias [H], ModernBERT's with a
 * norm, and with the biases that its configuration names.
 */
function countFreshPooler(spec: RunSpec, model: Model): number {
  const { config, layers } = model;
  const { poolsAll = false } = traitsOf(config);
  const isRead = (poolsAll || spec.hyperparameters.pooling === 'firstToken') && readsPooler(spec, model);
  if (!isRead || layers.some(({ tensors }) => tensors.some(isPoolerTensor))) return 0;
  const vectors = 'poolerBias' in config ? 1 + Number(config.poolerBias) + Number(config.normBias) : 1;
  return config.hiddenSize * (config.hiddenSize + vectors);
}

/**
 * An encoder gets what predicts masked tokens where it lacks that: weight [E,H], bias and norm of E, bias [V]. One that
 * reads through its pooler lacks the last of these alone.
 */
function countFreshPredictor(spec: RunSpec, { config, layers }: Model): number {
  const has = traitsOf(config).isCausal || layers.some(({ tensors }) => tensors.some(isLanguageModelTensor));
  const { hiddenSize: H, vocabularySize: V } = config;
  const E = embeddingWidth(config);
  if (!learnsTokens(spec) || has) return 0;
  return traitsOf(config).poolsAll === true ? V : E * H + 3 * E + V;
}

/**
 * Weights [C,H] and, where the family's heads have them, biases [C] of each head; with uncertainty weighting, one
 * learnt variance for each task too.
 */
function countHeads(spec: RunSpec, { config }: Pick<Model, 'config'>): number {
  const heads = headsOf(spec).reduce(
    (total, { head }) =>
      total + outputNames(head).length * (headInputSize(config, head) + (headHasBias(config, head) ? 1 : 0)),
    0,
  );
  return heads + countLossWeights(spec);
}

function countLossWeights(spec: RunSpec): number {
  return byMethod(spec, {
    supervised: () => 0,
    languageModelling: () => 0,
    instructionTuning: () => 0,
    policyOptimization: () => 0,
    rewardModelling: () => 0,
    preferenceOptimization: () => 0,
    multiTask: ({ lossWeighting, tasks }) => (lossWeighting === 'uncertainty' ? tasks.length : 0),
  });
}
