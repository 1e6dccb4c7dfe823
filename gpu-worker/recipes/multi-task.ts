import { concat, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { MultiTaskSpec } from '../../src/protocol/methods/index.js';
import { validationMeasures } from '../../src/protocol/metric-definition.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import { weighClasses } from '../data/class-weights.js';
import { collateTargets } from '../data/collate.js';
import type { Feeds, GradientStep } from '../engine/types.js';
import { compileClassifier, headLogits, scoreHeads } from '../forward/classify.js';
import { crossEntropy, noTarget } from '../losses/cross-entropy.js';
import { fixedWeighting } from '../losses/fixed-weighting.js';
import { uncertaintyWeighting } from '../losses/uncertainty-weighting.js';
import { metricSample, scoreSamples } from '../metrics/metric-samples.js';
import { saveModel } from '../models/save-model.js';
import { beatOrCancel, beatOrLeave } from '../stop-wishes.js';
import type { ProducedModel } from '../thread-protocol.js';
import { buildClassifier } from '../training/build-classifier.js';
import { createCheckpointing } from '../training/checkpointing.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric, isExhausted, observeValidation } from '../training/early-stopping.js';
import { loadTraining } from '../training/load-training.js';
import { refuseNonFinite } from '../training/non-finite.js';
import { adamwOptions } from '../training/optimizer.js';
import { createReporter } from '../training/reporter.js';
import { shareAmongBatches, type TaskShares } from '../training/task-shares.js';
import { restoreParameters } from '../training/training-checkpoint.js';
import { planTraining, totalSteps } from '../training/training-plan.js';
import { trainingSteps } from '../training/training-steps.js';
import type { TrainingRun, TrainingTools } from '../training/training-tools.js';

/** s = log σ² of every task [K], trained under `uncertainty`. */
const logVariances = 'training.log_variances';

/**
 * Multi-task fine-tuning: one encoder, and a classification head for each of K label columns of the same texts.
 *
 * An example counts in those tasks it has a label for. A task's loss in an update is the weighted mean cross-entropy over its
 * labelled examples in all accumulated batches; a task without any moves neither its head nor its weight. The losses are added
 * with fixed weights, or with those of Kendall, Gal & Cipolla 2018. The model produced is the last one; with early
 * stopping, that of the best evaluation.
 *
 * Errors: ProblemError (see `loadTraining`; NON_FINITE_LOSS, UNKNOWN_METRIC, INVALID_CHECKPOINT), RunStopped.
 */
export async function trainMultiTask(run: TrainingRun<MultiTaskSpec>, tools: TrainingTools): Promise<ProducedModel> {
  const { spec, context } = run;
  const { engine, store, clock } = tools;
  const h = spec.hyperparameters;
  const B = h.batchSize;
  const K = spec.tasks.length;
  const tasks = spec.tasks.map(({ name, labels, labelColumn }, index) => ({
    task: name,
    labels,
    labelColumn,
    path: ['tasks', String(index), 'labelColumn'],
  }));
  const measured = tasks.flatMap(({ task }) => validationMeasures.map((measure) => `validation/${task}/${measure}`));
  checkStoppingMetric(h.earlyStopping, ['validation/loss', ...measured]);

  // Load.
  await using input = await loadTraining(run, tasks, tools);
  const targets = input.training.targets;
  const classWeights = spec.tasks.map(({ classWeights, labels }, index) =>
    weighClasses(classWeights, labels, targets[index] ?? new Int32Array(0), ['tasks', String(index), 'classWeights']),
  );
  const fixedWeights = Float32Array.from(spec.tasks, ({ weight }) => weight);

  // Build.
  await describeTraining(run, tools, input.plan);
  const isUncertain = spec.lossWeighting === 'uncertainty';
  const extra = isUncertain ? [{ name: logVariances, shape: [K] }] : [];
  const report = createReporter(context, totalSteps(input.training.count, h), clock);
  context.status('TRAINING');
  const model = await buildClassifier(tools, input, extra, h, {
    async onBatch(done) {
      beatOrLeave(context);
      await report.encoded(done, input.training.count + input.validation.count);
    },
    onDecision: (sentence) => report.log('INFO', sentence),
  });
  const { parameters, training, validation, pooledOf } = model;
  const steps = trainingSteps(input.plan.base.config, (length, options) =>
    engine.compileStep(
      parameters,
      {
        ...training.inputs<number | string>(B, length),
        ...Object.fromEntries(tasks.map((_, k) => [`targets${k}`, { shape: [B], dtype: 'int32' }])),
        ...Object.fromEntries(
          tasks.map(({ labels }, k) => [`classWeights${k}`, { shape: [labels.length], dtype: 'float32' }]),
        ),
        shares: { shape: [K], dtype: 'float32' },
        presence: { shape: [K], dtype: 'float32' },
        taskWeights: { shape: [K], dtype: 'float32' },
      },
      (weights, inputs, random) => {
        const pooled = pooledOf(weights, inputs, random); //                                        [B,O]
        const losses = concat(
          tasks.map(({ task }, k) => {
            const logits = headLogits(weights, task, pooled); //                                     [B,C]
            const classWeights = inputs[`classWeights${k}`] as Tensor;
            return reshape(crossEntropy(logits, inputs[`targets${k}`] as Tensor, { classWeights }), [1]);
          }),
        ); //                                                                                        [K]
        const shared = mul(losses, inputs.shares as Tensor); //                                      [K]
        const loss = isUncertain
          ? uncertaintyWeighting(shared, weights[logVariances] as Tensor, inputs.presence as Tensor).loss
          : fixedWeighting(shared, mul(inputs.taskWeights as Tensor, inputs.presence as Tensor));
        return { loss, metrics: { losses } };
      },
      options,
    ),
  );
  const validator = compileClassifier(engine, parameters, tasks, pooledOf, {
    config: input.plan.base.config,
    inputs: validation.inputs,
    frozen: false,
  });
  const taskFeeds = (examples: Int32Array): Feeds =>
    Object.fromEntries(
      tasks.flatMap((_, k) => [
        [`targets${k}`, collateTargets(targets[k] as Int32Array, examples, B, noTarget)],
        [`classWeights${k}`, classWeights[k] as Float32Array],
      ]),
    );
  const taskWeights = () =>
    isUncertain ? parameters.value(logVariances).map((logVariance) => Math.exp(-logVariance)) : fixedWeights;

  try {
    // Loop.
    const plan = planTraining(training.lengths, training.buckets, h);
    const checkpoints = createCheckpointing(run, tools, parameters);
    let state = await checkpoints.start();
    while (state.epoch < h.epochs && !isExhausted(state.validation, h.earlyStopping)) {
      for (const update of plan.updatesOf(state.epoch).slice(state.updatesInEpoch)) {
        const graphs = await Promise.all(update.batches.map(({ batch }) => steps.at(batch.length)));
        const startedAt = clock();
        const weightsUsed = taskWeights();
        const shares = shareAmongBatches(
          update.batches.map(({ batch }) => batch),
          targets,
          classWeights,
        );
        const taskLosses = new Float64Array(K);
        let loss = 0;
        for (const [index, { batch, ordinal }] of update.batches.entries()) {
          const share = shares[index] as TaskShares;
          const graph = graphs[index] as GradientStep;
          const result = await graph.run(
            { ...training.feeds(batch, B), ...taskFeeds(batch.examples), ...share, taskWeights: fixedWeights },
            { seed: h.seed, step: ordinal, scale: 1 },
          );
          loss += result.loss;
          for (const [k, batchLoss] of (result.metrics.losses ?? []).entries()) {
            taskLosses[k] = at(taskLosses, k) + at(share.shares, k) * at(share.presence, k) * batchLoss;
          }
          beatOrCancel(context);
        }
        const options = adamwOptions(h, parameters.updates, plan.totalSteps);
        const { gradientNorm } = parameters.update(options);
        const isPresent = (k: number) => shares.some(({ presence }) => at(presence, k) > 0);
        await report.update(update, (clock() - startedAt) / 1000, [
          metricSample('train/loss', loss),
          metricSample('train/learningRate', options.learningRate),
          metricSample('train/gradientNorm', gradientNorm),
          ...tasks.flatMap(({ task }, k) => [
            ...(isPresent(k) ? [metricSample(`train/${task}/loss`, at(taskLosses, k))] : []),
            metricSample(`train/${task}/lossWeight`, at(weightsUsed, k)),
          ]),
        ]);
        refuseNonFinite({ loss, 'gradient norm': gradientNorm }, update.step, h);
        state = { ...state, step: update.step, updatesInEpoch: update.index + 1 };
        state = await checkpoints.afterUpdate(state, update, plan);
      }

      // Evaluate.
      if (state.step === plan.totalSteps) report.evaluating();
      const scores = await scoreHeads(validator, tasks, validation, input.validation.targets, () =>
        beatOrCancel(context),
      );
      const samples = validationSamples(scores, taskWeights());
      await report.validation(state.step, state.epoch + 1, samples);
      for (const { loss } of scores) refuseNonFinite({ 'validation loss': loss }, state.step, h);
      const history = observeValidation(state.validation, samples, state.step, h.earlyStopping);
      state = { ...state, epoch: state.epoch + 1, updatesInEpoch: 0, validation: history };

      // Checkpoint.
      state = await checkpoints.afterEpoch(state);
    }

    // The model.
    report.evaluating();
    if (state.step < plan.totalSteps) {
      await report.log('INFO', `Stops after step ${state.step}: ${h.earlyStopping?.metric} no longer improves`);
    }
    const { best } = state.validation;
    if (h.earlyStopping !== null && best !== null && best.step !== state.step && state.bestDigest !== null) {
      await restoreParameters(store, parameters, state.bestDigest);
      await report.log('INFO', `The model is that of step ${best.step}: ${h.earlyStopping.metric} ${best.value}`);
    }
    return await saveModel(store, {
      base: input.base,
      layers: input.plan.layers,
      heads: tasks.map(({ task, labels }) => ({ task, labels })),
      adapter: h.adapter,
      pooling: input.plan.reading.pooling,
      maxLength: h.maxLength,
      truncationSide: h.truncationSide,
      valuesOf: model.valuesOf,
    });
  } finally {
    await steps.release();
    await validator.release();
    model.release();
  }
}

/**
 * Validation metrics of each task that has examples, and under `validation/loss` the tasks' losses added with their weights
 * (under `uncertainty` as well: the learned terms log σ are no loss of the model's).
 */
function validationSamples(scores: readonly ClassificationScores[], weights: Float32Array): MetricSample[] {
  const scored = scores
    .map((ofTask, k) => ({ ofTask, weight: at(weights, k) }))
    .filter(({ ofTask }) => ofTask.exampleCount > 0);
  const loss = scored.reduce((sum, { ofTask, weight }) => sum + weight * ofTask.loss, 0);
  return [
    metricSample('validation/loss', loss),
    ...scored.flatMap(({ ofTask }) => scoreSamples(`validation/${ofTask.task}`, ofTask)),
  ];
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
