import { PoolingEnum } from '../models/model-settings.type.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import type { NamedDefault } from './chosen-default.js';
import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  defaultPooling,
  type Learns,
  learnsHead,
  type TrainedParts,
  usualLength,
} from './hyperparameter-defaults.js';
import type { HyperparametersInput } from './hyperparameters.input.js';
import type { ModelOfExperiment } from './hyperparameters.js';

/**
 * The defaults that depend on the model, on what is trained or on how much, with their reasons: of the hyperparameters
 * that an input leaves out. Defaults that are the same for every experiment are stated by the schema.
 *
 * @param resolved the hyperparameters with the defaults filled in
 * @param trainExamples examples of the training split
 */
export function explainDefaults(
  input: HyperparametersInput | null,
  model: ModelOfExperiment,
  resolved: Hyperparameters,
  trainExamples: number,
  learns: Learns,
  objective: TrainedParts['objective'] = null,
): NamedDefault[] {
  const { adapter, freeze, maxLength } = resolved;
  const trained = { config: model.config, adapter, freeze, learns, objective };
  const defaults: NamedDefault[] = [];
  if (input?.learningRate == null) {
    const { value, reason } = defaultLearningRate(trained);
    defaults.push({ hyperparameter: 'learningRate', value: String(value), reason });
  }
  if (input?.epochs == null) {
    const { value, reason } = defaultEpochs(trained, trainExamples, resolved);
    defaults.push({ hyperparameter: 'epochs', value: String(value), reason });
  }
  if (input?.batchSize == null) {
    const { value, reason } = defaultBatchSize(trained, trainExamples);
    defaults.push({ hyperparameter: 'batchSize', value: String(value), reason });
  }
  if (input?.pooling == null && learnsHead(learns)) {
    const { value, reason } = defaultPooling(model);
    const [name] = Object.entries(PoolingEnum).find(([, pooling]) => pooling === value) ?? ['null'];
    defaults.push({ hyperparameter: 'pooling', value: name, reason });
  }
  if (input?.maxLength == null) {
    const isUsual = maxLength === usualLength(learns);
    const reason = isUsual ? 'It is the usual length.' : 'The model reads no more tokens.';
    defaults.push({ hyperparameter: 'maxLength', value: String(maxLength), reason });
  }
  return defaults;
}
