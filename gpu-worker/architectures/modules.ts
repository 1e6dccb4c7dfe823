import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/types.js';
import { dense } from '../nn/dense.js';
import { layerNorm } from '../nn/layer-norm.js';
import { linear } from '../nn/linear.js';
import { lora } from '../nn/lora.js';
import type { EncoderRun } from './encoder-run.js';

/**
 * Applies the linear module of a name, stored as `torch.nn.Linear` stores it, and its low-rank adapter where
 * `parameters` have one: x [N,I] → W x + b + scale · B A dropout(x), [N,O]. A module without a bias has none to add.
 */
export function project(parameters: Tensors, module: string, x: Tensor, run: EncoderRun): Tensor {
  const weight = parameter(parameters, `${module}.weight`); //                     [O,I]
  return adapt(parameters, module, x, linear(x, weight, parameters[`${module}.bias`]), run);
}

/** The same with the weight stored as it is multiplied, [I,O]. */
export function projectDense(parameters: Tensors, module: string, x: Tensor, run: EncoderRun): Tensor {
  const weight = parameter(parameters, `${module}.weight`); //                     [I,O]
  return adapt(parameters, module, x, dense(x, weight, parameter(parameters, `${module}.bias`)), run);
}

function adapt(
  parameters: Tensors,
  module: string,
  x: Tensor,
  projected: Tensor,
  { adapter, random }: EncoderRun,
): Tensor {
  const down = parameters[`${module}.lora_A.weight`];
  if (down === undefined) return projected;
  if (adapter === null) throw new RangeError(`${module} has an adapter, but the run has no settings for adapters.`);
  const up = parameter(parameters, `${module}.lora_B.weight`);
  return add(projected, lora(x, down, up, adapter.scale, random, adapter.dropout));
}

/** Applies the layer normalization of a name, which may have no bias: [N,H] → [N,H]. */
export function normalize(parameters: Tensors, module: string, x: Tensor, epsilon: number): Tensor {
  return layerNorm(x, parameter(parameters, `${module}.weight`), parameters[`${module}.bias`], epsilon);
}

export function parameter(parameters: Tensors, name: string): Tensor {
  const found = parameters[name];
  if (found === undefined) throw new RangeError(`The encoder has no parameter ${name}.`);
  return found;
}
