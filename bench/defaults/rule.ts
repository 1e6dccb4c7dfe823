import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  hyperparameterDefaults,
} from '../../src/experiments/hyperparameter-defaults.js';
import type { Base } from './bases.js';
import type { Cell } from './cell.js';
import { trainedParts } from './train-cell.js';

const { gradientAccumulationSteps } = hyperparameterDefaults;

/** The same training with the product's defaults. */
export function defaultCell(cell: Cell, base: Base): Cell {
  const trained = { config: base.manifest.config, ...trainedParts(cell.method, base) };
  const batchSize = defaultBatchSize(trained, cell.examples).value;
  const batches = { batchSize, gradientAccumulationSteps };
  return {
    ...cell,
    learningRate: defaultLearningRate(trained).value,
    epochs: defaultEpochs(trained, cell.examples, batches).value,
    batchSize,
  };
}

/** The same training with the defaults before they were chosen by figures: the rate by method alone, one epoch. */
export function formerCell(cell: Cell): Cell {
  const learningRate = cell.base === 'use-lite' ? 3e-4 : { full: 5e-5, lora: 5e-4, heads: 1e-3 }[cell.method];
  return { ...cell, learningRate, epochs: 1, batchSize: 32 };
}
