import type { ModelHead } from '../../src/protocol/heads.js';
import { saveModel } from '../models/save-model.js';
import type { ProducedModel } from '../thread-protocol.js';
import type { Trainee } from './build-trainee.js';
import type { TrainingInput } from './load-training.js';
import type { Reporter } from './reporter.js';
import { restoreParameters, type TrainingState } from './training-checkpoint.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/**
 * The model that a training ends with: that of its last step or, with early stopping, of its best evaluation.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_CHECKPOINT.
 *
 * @param headsOf makes the model's heads; called when the parameters are those of the model
 */
export async function finish(
  { spec }: TrainingRun,
  { store }: Pick<TrainingTools, 'store'>,
  report: Reporter,
  input: TrainingInput,
  model: Trainee,
  state: TrainingState,
  headsOf: () => Promise<readonly ModelHead[]>,
): Promise<ProducedModel> {
  const { earlyStopping, adapter, maxLength, truncationSide } = spec.hyperparameters;
  const { best } = state.validation;
  if (earlyStopping !== null && best !== null && best.step !== state.step && state.bestDigest !== null) {
    await restoreParameters(store, model.parameters, state.bestDigest);
    await report.log('INFO', `The model is that of step ${best.step}: ${earlyStopping.metric} ${best.value}`);
  }
  return await saveModel(store, {
    base: input.base,
    layers: input.plan.layers,
    heads: await headsOf(),
    adapter,
    pooling: input.plan.reading.pooling,
    maxLength,
    truncationSide,
    valuesOf: model.valuesOf,
  });
}
