import type { Tensor } from '@tensorflow/tfjs-core';
import { type ArchitectureConfig, headHasBias, headInputSize } from '../../src/protocol/architectures/index.js';
import { type ModelHead, outputNames } from '../../src/protocol/heads.js';
import type { TaskHead } from '../../src/protocol/methods/index.js';
import type { Tensors } from '../engine/types.js';
import { linear } from '../nn/linear.js';

/** A head to train or to use: its task, and the names of its outputs. */
export interface Head {
  readonly kind: ModelHead['kind'];
  readonly task: string;
  /** Labels in the order of the logits, or names of a regression's numbers. */
  readonly outputs: readonly string[];
}

/** The head that a model has. */
export function headOf(head: ModelHead): Head {
  return { kind: head.kind, task: head.task, outputs: outputNames(head) };
}

/** The head that a spec asks for. */
export function headToTrain({ task, head }: Pick<TaskHead, 'task' | 'head'>): Head {
  return { kind: head.kind, task, outputs: outputNames(head) };
}

/** The names of a head's tensors in a weights file. */
export function headTensors(task: string): { readonly weight: string; readonly bias: string } {
  return { weight: `heads.${task}.weight`, bias: `heads.${task}.bias` };
}

/**
 * Names and shapes of a head's tensors: weight [K,O] and, where the family's have one, bias [K] for K outputs from a
 * vector of O numbers.
 */
export function headShapes(
  { kind, task, outputs }: Head,
  config: ArchitectureConfig,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const { weight, bias } = headTensors(task);
  return [
    { name: weight, shape: [outputs.length, headInputSize(config, { kind })] },
    ...(headHasBias(config, { kind }) ? [{ name: bias, shape: [outputs.length] }] : []),
  ];
}

/** Computes a head's outputs: rows [N,O] → [N,K]. */
export function headOutputs(parameters: Tensors, task: string, rows: Tensor): Tensor {
  const { weight, bias } = headTensors(task);
  return linear(rows, parameters[weight] as Tensor, parameters[bias]);
}
