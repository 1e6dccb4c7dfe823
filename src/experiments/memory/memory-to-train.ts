import { longestText, traitsOf } from '../../protocol/architectures/index.js';
import { countParameters, learnsTokens, lowestLayerReached } from '../../protocol/count-parameters.js';
import { FrozenWeights } from '../../protocol/frozen-weights.js';
import { heldSize } from '../../protocol/held-weights.js';
import type { Hyperparameters } from '../../protocol/hyperparameters.js';
import { adaptableModules } from '../../protocol/lora-targets.js';
import type { RunSpec } from '../../protocol/methods/index.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import { estimateTrainingBytes } from '../../protocol/training-memory.js';
import { hyperparameterDefaults, languageDefaults, loraDefaults } from '../hyperparameter-defaults.js';

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/** What of a model is trained: all of it, a head over the frozen model, or an adapter. */
export type TrainingWay = 'FULL' | 'HEAD_ALONE' | 'LOW_RANK_ADAPTER';

/** Of the training whose memory is asked for. What is left out has its default. */
export interface AskedTraining {
  readonly batchSize?: number | null;
  readonly maxLength?: number | null;
  readonly rank?: number | null;
  readonly predictsTokens?: boolean | null;
}

interface MemoryEstimate {
  readonly way: TrainingWay;
  /** How the weights under an adapter are held; null for other ways. */
  readonly frozenWeights: FrozenWeights | null;
  readonly trainableParameters: number;
  readonly frozenParameters: number;
  readonly bytes: number;
}

export interface MemoryToTrain {
  readonly batchSize: number;
  readonly maxLength: number;
  readonly rank: number;
  readonly predictsTokens: boolean;
  readonly ways: readonly MemoryEstimate[];
}

/** A batch of heads where nothing is said: that of few examples would take less. */
const usualBatchSize = 16;

/**
 * What training a model takes in memory, in the ways that there are: as a plan of an experiment estimates it, of one
 * classification of two labels on whole texts, or of the tokens themselves.
 */
export function memoryToTrain(model: Model, asked: AskedTraining): MemoryToTrain {
  const { isCausal, predictsMasked = false } = traitsOf(model.config);
  const predictsTokens = (isCausal || predictsMasked) && (asked.predictsTokens ?? isCausal);
  const batchSize = asked.batchSize ?? (predictsTokens ? languageDefaults.batchSize : usualBatchSize);
  const wanted = asked.maxLength ?? (predictsTokens ? languageDefaults.maxLength : hyperparameterDefaults.maxLength);
  const maxLength = Math.min(wanted, longestText(model.config));
  const rank = asked.rank ?? loraDefaults.rank;
  const estimate = (way: TrainingWay, frozenWeights: FrozenWeights | null = null): MemoryEstimate => {
    const spec = specOf(model, { way, frozenWeights, batchSize, maxLength, rank, predictsTokens });
    const { trainable, frozen } = countParameters(spec, model);
    const bytes = estimateTrainingBytes({
      config: model.config,
      batchSize,
      maxLength,
      lowestTrainedLayer: lowestLayerReached(spec.hyperparameters, model),
      trainable,
      frozen,
      predictsTokens: learnsTokens(spec),
      held: heldSize(model, frozenWeights ?? undefined, learnsTokens(spec)),
    });
    return { way, frozenWeights, trainableParameters: trainable, frozenParameters: frozen, bytes: Math.ceil(bytes) };
  };
  const ways = [
    estimate('FULL'),
    ...(predictsTokens ? [] : [estimate('HEAD_ALONE')]),
    ...(adaptableModules(model).length === 0
      ? []
      : FrozenWeights.options.map((held) => estimate('LOW_RANK_ADAPTER', held))),
  ];
  return { batchSize, maxLength, rank, predictsTokens, ways };
}

/** A spec of such a training. Only what parameters and memory depend on is meant. */
function specOf(
  { config }: Model,
  {
    way,
    frozenWeights,
    batchSize,
    maxLength,
    rank,
    predictsTokens,
  }: Omit<MemoryToTrain, 'ways'> & Pick<MemoryEstimate, 'way' | 'frozenWeights'>,
): RunSpec {
  const { defaultPooling, defaultTargets, isCausal } = traitsOf(config);
  const hyperparameters: Hyperparameters = {
    ...hyperparameterDefaults,
    learningRate: 1e-4,
    epochs: 1,
    batchSize,
    maxLength,
    dropout: null,
    truncationSide: 'right',
    pooling: predictsTokens ? null : defaultPooling,
    freeze: { kind: way === 'HEAD_ALONE' ? 'encoder' : 'none' },
    adapter:
      way === 'LOW_RANK_ADAPTER'
        ? {
            ...loraDefaults,
            rank,
            targetModules: [...defaultTargets],
            ...(frozenWeights === null || frozenWeights === 'float32' ? {} : { frozenWeights }),
          }
        : null,
  };
  const base = {
    baseModelDigest: '',
    datasetDigest: '',
    trainSplit: 'train',
    validationSplit: 'validation',
    hyperparameters,
    textColumn: 'text',
    pairColumn: null,
  };
  if (predictsTokens) {
    return {
      method: 'languageModelling',
      ...base,
      objective: isCausal ? 'causal' : 'masked',
      masking: null,
      packing: 'separate',
      control: null,
    };
  }
  return {
    method: 'supervised',
    ...base,
    head: { kind: 'classification', labelColumn: 'label', labels: ['0', '1'], classWeights: { kind: 'none' } },
  };
}
