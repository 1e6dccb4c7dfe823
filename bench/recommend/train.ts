import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  defaultPooling,
  hyperparameterDefaults,
} from '../../src/experiments/hyperparameter-defaults.js';
import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { SupervisedSpec } from '../../src/protocol/methods/index.js';
import { supervisedSpec } from '../../tests/support/specs.js';
import { recorded, samplesOf, train } from '../training.js';
import type { BenchModel } from './models.js';
import type { BenchTask } from './tasks.js';

/** Whether the model's family can be given the task. */
export function canLearn({ manifest }: BenchModel, { pairColumn }: BenchTask): boolean {
  return pairColumn === null || traitsOf(manifest.config).readsPairs;
}

/** The training of all weights with the product's defaults. */
export function specOf(
  task: BenchTask,
  { digest, manifest }: BenchModel,
  datasetDigest: string,
  { maxLength, mostEpochs }: { readonly maxLength: number; readonly mostEpochs: number },
): SupervisedSpec {
  const trained = { config: manifest.config, adapter: null, freeze: { kind: 'none' as const } };
  const examples = task.splits.train.length;
  const batchSize = defaultBatchSize(trained, examples).value;
  const { gradientAccumulationSteps } = hyperparameterDefaults;
  const hyperparameters = {
    ...hyperparameterDefaults,
    learningRate: defaultLearningRate(trained).value,
    batchSize,
    epochs: Math.min(mostEpochs, defaultEpochs(trained, examples, { batchSize, gradientAccumulationSteps }).value),
    dropout: traitsOf(manifest.config).defaultDropout,
    pooling: task.head.kind === 'tokenClassification' ? null : defaultPooling(manifest).value,
  };
  return supervisedSpec({
    baseModelDigest: digest,
    datasetDigest,
    textColumn: task.textColumn,
    pairColumn: task.pairColumn,
    head: task.head,
    hyperparameters: { ...hyperparameters, maxLength, checkpointEverySteps: 1_000_000 },
  });
}

/** Trains it, and returns the task's measure on the validation split after the last epoch. */
export async function trainInFull(
  parts: Parameters<typeof train>[0],
  spec: SupervisedSpec,
  measure: BenchTask['measure'],
): Promise<number> {
  let last = Number.NaN;
  await train(parts, spec, {
    async events(events) {
      for (const samples of samplesOf(events)) last = recorded(samples, `validation/${measure}`) ?? last;
    },
  });
  return last;
}
