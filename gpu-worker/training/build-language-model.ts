import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { ExampleSource } from '../forward/example-source.js';
import { fillParameters, initialValues } from '../forward/initial-values.js';
import { plannedParameters } from '../forward/model-plan.js';
import type { Trainee } from './build-trainee.js';
import type { TrainingInput } from './load-training.js';
import type { TrainingTools } from './training-tools.js';

/** A language model, ready to be trained. */
export type LanguageTrainee = Pick<Trainee, 'config' | 'parameters' | 'training' | 'valuesOf' | 'release'>;

/** Makes the parameters of a planned language model, which starts with the base model's weights. */
export async function buildLanguageModel(
  { engine }: Pick<TrainingTools, 'engine'>,
  { plan, base }: Pick<TrainingInput, 'plan' | 'base'>,
  training: ExampleSource,
  { seed }: Pick<Hyperparameters, 'seed'>,
): Promise<LanguageTrainee> {
  const specs = plannedParameters(plan);
  const parameters = engine.createParameters(specs);
  await fillParameters(parameters, base.weights, initialValues(plan, seed, []));
  const trained = new Set(specs.filter(({ trainable }) => trainable).map(({ name }) => name));
  return {
    config: plan.base.config,
    parameters,
    training,
    valuesOf: (name) => (trained.has(name) ? parameters.value(name) : null),
    release: () => parameters.release(),
  };
}
