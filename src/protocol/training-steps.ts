import type { Hyperparameters } from './hyperparameters.js';

type Batches = Pick<Hyperparameters, 'batchSize' | 'gradientAccumulationSteps'>;

/** Optimizer updates that one pass over the examples takes. */
export function updatesPerEpoch(exampleCount: number, { batchSize, gradientAccumulationSteps }: Batches): number {
  return Math.ceil(Math.ceil(exampleCount / batchSize) / gradientAccumulationSteps);
}

/** Optimizer updates of a training that is not stopped early. */
export function totalSteps(exampleCount: number, h: Batches & Pick<Hyperparameters, 'epochs'>): number {
  return updatesPerEpoch(exampleCount, h) * h.epochs;
}
