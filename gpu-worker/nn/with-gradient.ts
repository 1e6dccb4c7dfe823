import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

/** The result of an op with a hand-written backward pass. */
export interface OpWithGradient {
  readonly value: Tensor;
  /** Tensors of the forward pass that the backward pass needs. */
  readonly saved: readonly Tensor[];
  /** ∂L/∂value and the saved tensors → ∂L/∂input for each differentiated input, in order. */
  readonly gradients: (dy: Tensor, saved: readonly Tensor[]) => Tensor[];
}

/**
 * An op whose backward pass is written by hand, because the composed one would make more passes over memory: tfjs's
 * `customGrad` with types. Tensors that `forward` uses but `inputs` does not name get no gradient.
 */
export function withGradient(inputs: readonly Tensor[], forward: () => OpWithGradient): Tensor {
  const op = customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1) as (tensors: Tensor[]) => void;
    const { value, saved, gradients } = forward();
    save([...saved]);
    return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradients(dy, kept) };
  });
  return op(...inputs);
}
