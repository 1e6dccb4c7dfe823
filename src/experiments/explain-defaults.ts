import { PoolingEnum } from '../models/model-settings.type.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import type { NamedDefault } from './chosen-default.js';
import { defaultLearningRate, defaultPooling, hyperparameterDefaults } from './hyperparameter-defaults.js';
import type { HyperparametersInput } from './hyperparameters.input.js';
import type { ModelOfExperiment } from './hyperparameters.js';

/**
 * The defaults that depend on the model or on what is trained, with their reasons: of the hyperparameters that an input
 * leaves out. Defaults that are the same for every model are stated by the schema.
 */
export function explainDefaults(
  input: HyperparametersInput | null,
  model: ModelOfExperiment,
  { adapter, freeze, maxLength }: Hyperparameters,
): NamedDefault[] {
  const defaults: NamedDefault[] = [];
  if (input?.learningRate == null) {
    const { value, reason } = defaultLearningRate(model.config.architecture, { adapter, freeze });
    defaults.push({ hyperparameter: 'learningRate', value: String(value), reason });
  }
  if (input?.pooling == null) {
    const { value, reason } = defaultPooling(model);
    const [name] = Object.entries(PoolingEnum).find(([, pooling]) => pooling === value) ?? ['null'];
    defaults.push({ hyperparameter: 'pooling', value: name, reason });
  }
  if (input?.maxLength == null) {
    const isUsual = maxLength === hyperparameterDefaults.maxLength;
    const reason = isUsual ? 'It is the usual length.' : 'The model reads no more tokens.';
    defaults.push({ hyperparameter: 'maxLength', value: String(maxLength), reason });
  }
  return defaults;
}
