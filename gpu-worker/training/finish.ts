import type { Finding } from '../../src/protocol/findings.js';
import type { ModelHead } from '../../src/protocol/heads.js';
import { type NewModel, saveModel } from '../models/save-model.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import type { Trainee } from './build-trainee.js';
import type { Fitted } from './fit.js';
import type { TrainingInput } from './load-training.js';
import type { Reporter } from './reporter.js';
import { restoreParameters } from './training-checkpoint.js';
import type { TrainedModel, TrainingRun, TrainingTools } from './training-tools.js';
import { whenThereIsSpace } from './when-there-is-space.js';

/** The heads of a model, and what a person should know of them. */
export interface JudgedHeads {
  readonly heads: readonly ModelHead[];
  readonly findings: readonly Finding[];
}

/**
 * The model that a training ends with: that of its last step or, with early stopping, of its best evaluation.
 * Where the best checkpoint is damaged, the attempt ends by RunStopped; the next one goes back and makes it again.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_CHECKPOINT, when that was tried already.
 *
 * @param judge makes the model's heads, and says what a person should know of them; called when the parameters are
 * those of the model, with the step that they are of
 */
export async function finish(
  { spec, context }: TrainingRun,
  { store }: Pick<TrainingTools, 'store'>,
  report: Reporter,
  input: Pick<TrainingInput, 'base' | 'plan'> & Pick<NewModel, 'chatTemplate'>,
  model: Pick<Trainee, 'parameters' | 'valuesOf'>,
  { state, wentBack }: Fitted,
  judge: (step: number) => Promise<JudgedHeads>,
): Promise<TrainedModel> {
  const { earlyStopping, adapter, maxLength, truncationSide } = spec.hyperparameters;
  const { best } = state.validation;
  let { step } = state;
  if (earlyStopping !== null && best !== null && best.step !== state.step && state.bestDigest !== null) {
    try {
      await restoreParameters(store, model.parameters, state.bestDigest);
    } catch (error) {
      // Once is a damaged file; twice is a broken disk, on which more attempts would only cost time.
      if (!(error instanceof ProblemError) || wentBack) throw error;
      const { message, hint } = error.problem;
      await report.log('WARNING', `The best checkpoint, of step ${best.step}, cannot be used: ${message}. ${hint}`);
      await report.log('WARNING', 'This attempt ends; the next one goes back to a checkpoint that is whole');
      throw new RunStopped('shutdown');
    }
    step = best.step;
    await report.log('INFO', `The model is that of step ${best.step}: ${earlyStopping.metric} ${best.value}`);
  }
  const { heads, findings } = await judge(step);
  const saved = {
    base: input.base,
    layers: input.plan.layers,
    heads,
    adapter,
    // What predicts tokens reads no vector of a text: how the base model makes one stays.
    pooling: input.plan.predictsTokens ? input.base.manifest.pooling : input.plan.reading.pooling,
    maxLength,
    truncationSide,
    valuesOf: model.valuesOf,
    ...(input.chatTemplate === undefined ? {} : { chatTemplate: input.chatTemplate }),
  };
  const write = () => whenThereIsSpace(context, 'the model', () => saveModel(store, saved));
  return { model: await context.timed('write model', write), findings };
}
