import type { MetricSample } from '../../src/protocol/run-event.js';
import type { DynamicInputSpec, Feeds, GradientStep, LossFunction, StepResult } from '../engine/types.js';
import { metricSample } from '../metrics/metric-samples.js';
import { adamwRule } from '../optim/coefficients.js';
import { beatOrCancel } from '../stop-wishes.js';
import type { Trainee } from './build-trainee.js';
import { createCheckpointing } from './checkpointing.js';
import { isExhausted, observeValidation } from './early-stopping.js';
import { refuseNonFinite } from './non-finite.js';
import { adamwOptions } from './optimizer.js';
import type { Reporter } from './reporter.js';
import type { TrainingState } from './training-checkpoint.js';
import { planTraining, type TrainingPlan, type Update } from './training-plan.js';
import { trainingSteps } from './training-steps.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** One batch of an update: what its graph is fed. */
interface FedBatch {
  readonly feeds: Feeds;
  /** The batch's gradient is multiplied by this. */
  readonly scale: number;
  /** Sizes of dynamic dimensions beside the length, by name. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** What one update measured. */
interface Measured {
  /** The update's loss. */
  readonly loss: number;
  /** Metrics beside `train/loss`, the learning rate and the gradient's norm. */
  readonly samples: readonly MetricSample[];
  /** Tokens that were learned, where their number a second is to be told. */
  readonly tokens?: number;
}

/** What is learned: the loss, and what it is computed from. */
export interface Objective {
  /** Inputs of a step beside those of the examples. */
  readonly inputs: (batchSize: number, length: number | string) => Readonly<Record<string, DynamicInputSpec>>;
  /** Traced once for each graph. */
  readonly loss: LossFunction;
  /**
   * The batches of an update, each made when the one before it is done. Scaled, their gradients add up to the gradient
   * of the update's loss.
   */
  readonly feeds: (update: Update) => AsyncIterable<FedBatch>;
  /** Called once an update, before parameters change. @param results one for each batch, in order */
  readonly measure: (update: Update, results: readonly StepResult[]) => Measured;
  /** Whether there is an evaluation before the first update, which tells what the base model can do. */
  readonly evaluatesFirst?: boolean;
}

/** An evaluation on the validation split. */
export interface Validation {
  readonly samples: readonly MetricSample[];
  /** Losses that have to be finite. */
  readonly losses: readonly number[];
  /** What a language model writes; absent where none is asked to. */
  readonly texts?: Parameters<Reporter['generated']>[2];
}

/** Where a training stands after its last update. */
export interface Fitted {
  readonly state: TrainingState;
  /** Whether this attempt began by passing over a damaged checkpoint. */
  readonly wentBack: boolean;
}

/**
 * Trains until the last step, or until early stopping ends it: steps, accumulation, reporting, an evaluation and a
 * checkpoint after each epoch and, where the spec says so, every few steps. It knows nothing of what is learned.
 * Whoever needs another loop writes one from the same parts.
 *
 * Errors: ProblemError NON_FINITE_LOSS, INVALID_CHECKPOINT; RunStopped.
 */
export async function fit(
  run: TrainingRun,
  tools: TrainingTools,
  report: Reporter,
  model: Pick<Trainee, 'config' | 'parameters' | 'training'>,
  objective: Objective,
  validate: (step: number) => Promise<Validation>,
): Promise<Fitted> {
  const { context } = run;
  const { clock, engine } = tools;
  const { parameters, training, config } = model;
  const h = run.spec.hyperparameters;
  const B = h.batchSize;
  const plan = planTraining(training.lengths, training.buckets, h);
  const steps = trainingSteps(config, (length, options) =>
    context.timed('compile', () =>
      engine.compileStep(
        parameters,
        { ...training.inputs<number | string>(B, length), ...objective.inputs(B, length) },
        objective.loss,
        options,
      ),
    ),
  );
  try {
    const checkpoints = createCheckpointing(run, tools, parameters);
    const { state: startState, wentBack } = await checkpoints.start();
    let state = startState;
    const evaluate = async (epochsSeen: number) => {
      const { samples, losses, texts = [] } = await context.timed('evaluate', () => validate(state.step));
      await report.validation(state.step, epochsSeen, samples);
      if (texts.length > 0) await report.generated(state.step, epochsSeen, texts);
      for (const loss of losses) refuseNonFinite({ 'validation loss': loss }, state.step, h);
      return samples;
    };
    const observe = (samples: readonly MetricSample[]) =>
      observeValidation(state.validation, samples, state.step, h.earlyStopping);
    // What the base model can do is no result of the training, so that early stopping does not count it.
    if (objective.evaluatesFirst === true && state.step === 0) await evaluate(0);
    while (state.epoch < h.epochs && !isExhausted(state.validation, h.earlyStopping)) {
      for (const update of plan.updatesOf(state.epoch).slice(state.updatesInEpoch)) {
        const graphs = await Promise.all(update.batches.map(({ batch }) => steps.at(batch.length)));
        const startedAt = clock();
        const results: StepResult[] = [];
        for await (const { feeds, scale, sizes = {} } of objective.feeds(update)) {
          const index = results.length;
          const step = update.batches[index]!.ordinal;
          results.push(await (graphs[index] as GradientStep).run(feeds, { seed: h.seed, step, scale, sizes }));
          beatOrCancel(context);
        }
        const { loss, samples, tokens } = objective.measure(update, results);
        const options = adamwOptions(h, parameters.updates, plan.totalSteps);
        const { gradientNorm } = parameters.update(adamwRule(options));
        const measured = [
          metricSample('train/loss', loss),
          metricSample('train/learningRate', options.learningRate),
          metricSample('train/gradientNorm', gradientNorm),
          ...samples,
        ];
        await report.update(update, (clock() - startedAt) / 1000, measured, tokens);
        refuseNonFinite({ loss, 'gradient norm': gradientNorm }, update.step, h);
        state = { ...state, step: update.step, updatesInEpoch: update.index + 1 };
        const evaluates = isEvaluated(update, plan, h.evaluateEverySteps);
        if (evaluates) state = { ...state, validation: observe(await evaluate(update.epochsSeen)) };
        state = await checkpoints.afterUpdate(state, update, plan, evaluates);
        if (evaluates && isExhausted(state.validation, h.earlyStopping)) break;
      }
      if (state.updatesInEpoch < plan.updatesPerEpoch) break;

      if (state.step === plan.totalSteps) report.evaluating();
      const validation = observe(await evaluate(state.epoch + 1));
      state = { ...state, epoch: state.epoch + 1, updatesInEpoch: 0, validation };
      state = await checkpoints.afterEpoch(state);
    }
    report.evaluating();
    if (state.step < plan.totalSteps) {
      await report.log('INFO', `Stops after step ${state.step}: ${h.earlyStopping?.metric} no longer improves`);
    }
    return { state, wentBack };
  } finally {
    await steps.release();
  }
}

/** Whether there is an evaluation after an update that is not the last of its epoch, which has one anyway. */
function isEvaluated({ step, index }: Update, { updatesPerEpoch }: TrainingPlan, everySteps: number | null): boolean {
  return everySteps !== null && step % everySteps === 0 && index + 1 < updatesPerEpoch;
}
