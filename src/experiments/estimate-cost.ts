import type { LabelCounts } from '../datasets/dataset-commands.js';
import { countParameters, learnsTokens, lowestLayerReached, runsPrefixOnce } from '../protocol/count-parameters.js';
import { measuredSplitOf } from '../protocol/held-out.js';
import { heldSize } from '../protocol/held-weights.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { bytesBeside, type ModelsBeside, modelsOfCheckpoint, rowsOfUpdate } from '../protocol/models-beside.js';
import { estimateTrainingBytes } from '../protocol/training-memory.js';
import { totalSteps, updatesPerEpoch } from '../protocol/training-steps.js';
import type { ExperimentCost } from './experiment-plan.js';
import { unknownLabelsOf } from './unknown-labels.js';

const bytesPerNumber = 4;

/**
 * The cost of a spec. Steps are exact, unless rows are estimated; bytes are estimates.
 * @param rowsOf rows of tokens that a number of examples become; an example is a row unless it is given
 * @param beside of a policy: the models that are in memory beside it
 */
export function costOf(
  spec: RunSpec,
  model: ModelManifest,
  counts: LabelCounts,
  rowsOf: (examples: number) => number = (examples) => examples,
  beside: ModelsBeside = {},
): ExperimentCost {
  const { maxLength } = spec.hyperparameters;
  const trainExamples = counts.labelled[spec.trainSplit] ?? 0;
  const rows = rowsOf(trainExamples);
  const { trainable, frozen } = countParameters(spec, model);
  return {
    spec,
    trainExamples,
    validationExamples: counts.labelled[measuredSplitOf(spec)] ?? 0,
    unknownLabels: unknownLabelsOf(spec, counts),
    stepsPerEpoch: updatesPerEpoch(rows, spec.hyperparameters),
    totalSteps: totalSteps(rows, spec.hyperparameters),
    trainableParameters: trainable,
    frozenParameters: frozen,
    estimatedMemoryBytes:
      bytesBeside(spec, { trainable, frozen }, beside) +
      estimateTrainingBytes({
        config: model.config,
        batchSize: rowsOfUpdate(spec),
        maxLength,
        lowestTrainedLayer: lowestLayerReached(spec.hyperparameters, model),
        trainable,
        frozen,
        predictsTokens: learnsTokens(spec),
        runsPrefixOnce: runsPrefixOnce(spec.hyperparameters, model, learnsTokens(spec)),
        held: heldSize(model, spec.hyperparameters.adapter?.frozenWeights, learnsTokens(spec)),
      }),
    // The trained values and AdamW's two moments of each.
    estimatedCheckpointBytes: 3 * bytesPerNumber * trainable * modelsOfCheckpoint(spec),
  };
}
