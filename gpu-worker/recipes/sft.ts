import type { Tensor } from '@tensorflow/tfjs-core';
import type { SupervisedSpec } from '../../src/protocol/methods/index.js';
import { validationMeasures } from '../../src/protocol/metric-definition.js';
import { weighClasses } from '../data/class-weights.js';
import { collateTargets } from '../data/collate.js';
import type { GradientStep } from '../engine/types.js';
import { compileClassifier, headLogits, scoreHeads } from '../forward/classify.js';
import { crossEntropy, noTarget } from '../losses/cross-entropy.js';
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
import { restoreParameters } from '../training/training-checkpoint.js';
import { planTraining, totalSteps } from '../training/training-plan.js';
import { trainingSteps } from '../training/training-steps.js';
import type { TrainingRun, TrainingTools } from '../training/training-tools.js';

/**
 * Supervised fine-tuning: encoder and one classification head, whose task is named after the label column.
 *
 * The model produced is the last one; with early stopping, that of the best evaluation. Every update is the gradient of
 * the weighted mean cross-entropy over all examples of its accumulated batches, so that one batch of 32 and four of 8 differ
 * in rounding alone.
 *
 * Errors: ProblemError (see `loadTraining`; NON_FINITE_LOSS, UNKNOWN_METRIC, INVALID_CHECKPOINT), RunStopped.
 */
export async function trainSupervised(run: TrainingRun<SupervisedSpec>, tools: TrainingTools): Promise<ProducedModel> {
  const { spec, context } = run;
  const { engine, store, clock } = tools;
  const h = spec.hyperparameters;
  const B = h.batchSize;
  const task = { task: spec.labelColumn, labels: spec.labels, labelColumn: spec.labelColumn, path: ['labelColumn'] };
  checkStoppingMetric(
    h.earlyStopping,
    validationMeasures.map((measure) => `validation/${measure}`),
  );

  // Load.
  await using input = await loadTraining(run, [task], tools);
  const [targets = new Int32Array(0)] = input.training.targets;
  const classWeights = weighClasses(spec.classWeights, spec.labels, targets, ['classWeights']);

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(input.training.count, h), clock);
  context.status('TRAINING');
  const model = await buildClassifier(tools, input, [], h, {
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
        targets: { shape: [B], dtype: 'int32' },
        classWeights: { shape: [spec.labels.length], dtype: 'float32' },
      },
      (weights, inputs, random) => {
        const pooled = pooledOf(weights, inputs, random); //                                        [B,O]
        const logits = headLogits(weights, task.task, pooled); //                                    [B,C]
        return {
          loss: crossEntropy(logits, inputs.targets as Tensor, { classWeights: inputs.classWeights as Tensor }),
        };
      },
      options,
    ),
  );
  const validator = compileClassifier(engine, parameters, [task], pooledOf, {
    config: input.plan.base.config,
    inputs: validation.inputs,
    frozen: false,
  });
  const weightOf = (examples: Int32Array) =>
    examples.reduce((sum, example) => sum + (classWeights[targets[example] ?? 0] ?? 0), 0);

  try {
    // Loop.
    const plan = planTraining(training.lengths, training.buckets, h);
    const checkpoints = createCheckpointing(run, tools, parameters);
    let state = await checkpoints.start();
    while (state.epoch < h.epochs && !isExhausted(state.validation, h.earlyStopping)) {
      for (const update of plan.updatesOf(state.epoch).slice(state.updatesInEpoch)) {
        const graphs = await Promise.all(update.batches.map(({ batch }) => steps.at(batch.length)));
        const startedAt = clock();
        const totalWeight = update.batches.reduce((sum, { batch }) => sum + weightOf(batch.examples), 0);
        let loss = 0;
        for (const [index, { batch, ordinal }] of update.batches.entries()) {
          const share = weightOf(batch.examples) / totalWeight;
          const feeds = {
            ...training.feeds(batch, B),
            targets: collateTargets(targets, batch.examples, B, noTarget),
            classWeights,
          };
          const graph = graphs[index] as GradientStep;
          const result = await graph.run(feeds, { seed: h.seed, step: ordinal, scale: share });
          loss += share * result.loss;
          beatOrCancel(context);
        }
        const options = adamwOptions(h, parameters.updates, plan.totalSteps);
        const { gradientNorm } = parameters.update(options);
        await report.update(update, (clock() - startedAt) / 1000, [
          metricSample('train/loss', loss),
          metricSample('train/learningRate', options.learningRate),
          metricSample('train/gradientNorm', gradientNorm),
        ]);
        refuseNonFinite({ loss, 'gradient norm': gradientNorm }, update.step, h);
        state = { ...state, step: update.step, updatesInEpoch: update.index + 1 };
        state = await checkpoints.afterUpdate(state, update, plan);
      }

      // Evaluate.
      if (state.step === plan.totalSteps) report.evaluating();
      const [scores] = await scoreHeads(validator, [task], validation, input.validation.targets, () =>
        beatOrCancel(context),
      );
      const samples = scores === undefined ? [] : scoreSamples('validation', scores);
      await report.validation(state.step, state.epoch + 1, samples);
      refuseNonFinite({ 'validation loss': scores?.loss ?? 0 }, state.step, h);
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
      heads: [{ task: task.task, labels: spec.labels }],
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
