import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { tokenBias } from '../architectures/masked-tokens.js';
import type { ExampleSource } from '../forward/example-source.js';
import { fillParameters, initialValues } from '../forward/initial-values.js';
import { plannedParameters } from '../forward/model-plan.js';
import type { Trainee } from './build-trainee.js';
import type { LanguageInput } from './load-language.js';
import type { TrainingTools } from './training-tools.js';

/** A language model, ready to be trained. */
export type LanguageTrainee = Pick<Trainee, 'config' | 'parameters' | 'training' | 'valuesOf' | 'release'>;

/**
 * Makes the parameters of a planned language model, which starts with the base model's weights. The bias of what newly
 * predicts masked tokens starts at how often each occurs in the texts to learn: to learn that alone would take hundreds
 * of updates, whose gradients change the whole model meanwhile (docs/methods/domain-adaptation.md).
 */
export async function buildLanguageModel(
  { engine }: Pick<TrainingTools, 'engine'>,
  {
    plan,
    base,
    training: texts,
  }: Pick<LanguageInput, 'plan' | 'base'> & {
    readonly training: Pick<LanguageInput['training'], 'logFrequencies'>;
  },
  training: ExampleSource,
  { seed }: Pick<Hyperparameters, 'seed'>,
): Promise<LanguageTrainee> {
  const specs = plannedParameters(plan);
  const parameters = engine.createParameters(specs);
  const initial = initialValues(plan, seed, []);
  const bias = plan.freshPredictor.find(({ name }) => name === tokenBias);
  if (bias !== undefined && texts.logFrequencies !== undefined) {
    initial.set(tokenBias, texts.logFrequencies(bias.shape[0]!));
  }
  await fillParameters(parameters, base.weights, initial);
  const trained = new Set(specs.filter(({ trainable }) => trainable).map(({ name }) => name));
  return {
    config: plan.base.config,
    parameters,
    training,
    valuesOf: (name) => (trained.has(name) ? parameters.value(name) : null),
    release: () => parameters.release(),
  };
}
