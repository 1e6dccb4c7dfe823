import type { LabelCounts } from '../datasets/dataset-commands.js';
import { countParameters, learnsTokens, lowestLayerReached, runsPrefixOnce } from '../protocol/count-parameters.js';
import { measuredSplitOf } from '../protocol/held-out.js';
import { heldSize } from '../protocol/held-weights.js';
import { type RunSpec, textsPerExample } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { bytesBeside, modelsOfCheckpoint } from '../protocol/models-beside.js';
import { estimateTrainingBytes } from '../protocol/training-memory.js';
import { totalSteps, updatesPerEpoch } from '../protocol/training-steps.js';
import type { ExperimentCost } from './experiment-plan.js';
import { unknownLabelsOf } from './unknown-labels.js';

const bytesPerNumber = 4;

/**
 * The cost of a spec. Steps are exact, unless rows are estimated; bytes are estimates.
 * @param rowsOf rows of tokens that a number of examples become; an example is a row unless it is given
 * @param reference of a policy, where it is another model than the base model
 */
export function costOf(
  spec: RunSpec,
  model: ModelManifest,
  counts: LabelCounts,
  rowsOf: (examples: number) => number = (examples) => examples,
  reference: Pick<ModelManifest, 'layers'> | null = null,
): ExperimentCost {
  const { batchSize, maxLength } = spec.hyperparameters;
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
      bytesBeside(spec, { trainable, frozen }, reference) +
      estimateTrainingBytes({
        config: model.config,
        batchSize: textsPerExample(spec) * batchSize,
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
