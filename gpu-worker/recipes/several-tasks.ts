import { concat, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { TaskScores } from '../../src/protocol/evaluation-scores.js';
import type { MultiTaskSpec } from '../../src/protocol/methods/index.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import { outputsOf } from '../forward/run-heads.js';
import type { TrainedHead } from '../heads/index.js';
import { fixedWeighting } from '../losses/fixed-weighting.js';
import { uncertaintyWeighting } from '../losses/uncertainty-weighting.js';
import { metricSample, scoreSamples } from '../metrics/metric-samples.js';
import { exp } from '../portable-math.js';
import type { Trainee } from '../training/build-trainee.js';
import { shareAmongBatches, type TaskShares } from '../training/task-shares.js';
import type { Learning } from './learning.js';

/** The parameter s = log σ² of every task [K], which is trained where the losses are weighted by `uncertainty`. */
const logVariances = 'training.log_variances';

/**
 * K heads on the same texts. An example counts in those tasks it has a target for. A task's loss in an update is the
 * weighted mean over its targets in all accumulated batches; where an update has no target of a task, the gradients
 * of the task's head and of its weight are zero. The losses are added with fixed weights, or with those of Kendall, Gal
 * & Cipolla 2018.
 */
export function severalTasks(spec: MultiTaskSpec, trained: readonly TrainedHead[]): Learning {
  const K = trained.length;
  const isUncertain = spec.lossWeighting === 'uncertainty';
  const fixedWeights = Float32Array.from(spec.tasks, ({ weight }) => weight);
  const taskWeights = ({ parameters }: Pick<Trainee, 'parameters'>) =>
    isUncertain ? parameters.value(logVariances).map((logVariance) => exp(-logVariance)) : fixedWeights;
  return {
    extra: isUncertain ? [{ name: logVariances, shape: [K] }] : [],
    samples: (prefix, scores, model) => validationSamples(prefix, scores, taskWeights(model)),
    objectiveOf(model, { batchSize: B }) {
      const { training, read } = model;
      let weightsUsed = fixedWeights;
      let shares: readonly TaskShares[] = [];
      return {
        inputs: (batchSize, length) => ({
          ...Object.assign({}, ...trained.map((head, k) => head.inputs(String(k), batchSize, length))),
          shares: { shape: [K], dtype: 'float32' },
          presence: { shape: [K], dtype: 'float32' },
          taskWeights: { shape: [K], dtype: 'float32' },
        }),
        loss(weights, inputs, random) {
          const given = read(weights, inputs, random);
          const losses = concat(
            trained.map((each, k) => reshape(each.loss(String(k), outputsOf(weights, each.head, given), inputs), [1])),
          ); //                                                                                      [K]
          const shared = mul(losses, inputs.shares as Tensor); //                                    [K]
          const loss = isUncertain
            ? uncertaintyWeighting(shared, weights[logVariances] as Tensor, inputs.presence as Tensor)
            : fixedWeighting(shared, mul(inputs.taskWeights as Tensor, inputs.presence as Tensor));
          return { loss, metrics: { losses } };
        },
        async *feeds({ batches }) {
          weightsUsed = taskWeights(model);
          shares = shareAmongBatches(
            batches.map(({ batch }) => batch),
            trained,
          );
          for (const [index, { batch }] of batches.entries()) {
            const feeds = {
              ...training.feeds(batch, B),
              ...Object.assign({}, ...trained.map((head, k) => head.feeds(String(k), batch, B))),
              ...shares[index],
              taskWeights: fixedWeights,
            };
            yield { feeds, scale: 1 };
          }
        },
        measure(_, results) {
          const taskLosses = new Float64Array(K);
          for (const [index, { metrics }] of results.entries()) {
            const share = shares[index]!;
            for (const [k, batchLoss] of (metrics.losses ?? []).entries()) {
              taskLosses[k] = at(taskLosses, k) + at(share.shares, k) * at(share.presence, k) * batchLoss;
            }
          }
          const isPresent = (k: number) => shares.some(({ presence }) => at(presence, k) > 0);
          return {
            loss: results.reduce((sum, { loss }) => sum + loss, 0),
            samples: trained.flatMap(({ head: { task } }, k) => [
              ...(isPresent(k) ? [metricSample(`train/${task}/loss`, at(taskLosses, k))] : []),
              metricSample(`train/${task}/lossWeight`, at(weightsUsed, k)),
            ]),
          };
        },
      };
    },
  };
}

/**
 * Metrics of each task that has examples and, as `<prefix>/loss`, the weighted sum of the tasks' losses.
 * With `uncertainty` the sum leaves out the terms log σ, which say nothing of the model's errors.
 * `<prefix>/accuracy` is the mean of the accuracies of the tasks that have one, each counting the same.
 */
function validationSamples(prefix: string, scores: readonly TaskScores[], weights: Float32Array): MetricSample[] {
  const scored = scores
    .map((ofTask, k) => ({ ofTask, weight: at(weights, k) }))
    .filter(({ ofTask }) => ofTask.exampleCount > 0);
  const loss = scored.reduce((sum, { ofTask, weight }) => sum + weight * ofTask.loss, 0);
  const accuracies = scored.flatMap(({ ofTask }) => ('accuracy' in ofTask ? [ofTask.accuracy] : []));
  const accuracy = accuracies.reduce((sum, each) => sum + each, 0) / accuracies.length;
  return [
    metricSample(`${prefix}/loss`, loss),
    ...(accuracies.length === 0 ? [] : [metricSample(`${prefix}/accuracy`, accuracy)]),
    ...scored.flatMap(({ ofTask }) => scoreSamples(`${prefix}/${ofTask.task}`, ofTask)),
  ];
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
