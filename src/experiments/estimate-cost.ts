import type { LabelCounts } from '../datasets/dataset-commands.js';
import { measuredSplitOf } from '../protocol/held-out.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { estimateTrainingBytes } from '../protocol/training-memory.js';
import { totalSteps, updatesPerEpoch } from '../protocol/training-steps.js';
import { countParameters, lowestLayerReached } from './count-parameters.js';
import type { ExperimentCost } from './experiment-plan.js';
import { unknownLabelsOf } from './unknown-labels.js';

const bytesPerNumber = 4;

/** The cost of a spec. Steps are exact; bytes are estimates. */
export function costOf(spec: RunSpec, model: ModelManifest, counts: LabelCounts): ExperimentCost {
  const { batchSize, maxLength } = spec.hyperparameters;
  const trainExamples = counts.labelled[spec.trainSplit] ?? 0;
  const { trainable, frozen } = countParameters(spec, model);
  return {
    spec,
    trainExamples,
    validationExamples: counts.labelled[measuredSplitOf(spec)] ?? 0,
    unknownLabels: unknownLabelsOf(spec, counts),
    stepsPerEpoch: updatesPerEpoch(trainExamples, spec.hyperparameters),
    totalSteps: totalSteps(trainExamples, spec.hyperparameters),
    trainableParameters: trainable,
    frozenParameters: frozen,
    estimatedMemoryBytes: estimateTrainingBytes({
      config: model.config,
      batchSize,
      maxLength,
      lowestTrainedLayer: lowestLayerReached(spec.hyperparameters, model),
      trainable,
      frozen,
    }),
    // The trained values and AdamW's two moments of each.
    estimatedCheckpointBytes: 3 * bytesPerNumber * trainable,
  };
}
