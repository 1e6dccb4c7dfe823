import { type GradConfig, getGradient, registerGradient, zeros } from '@tensorflow/tfjs-core';
import { gradients } from './generated/tfjs-gradients.js';

/** Kernels whose result is constant between its jumps. tfjs has a gradient for some of them only, and `where` needs it. */
const constantBetweenJumps: Readonly<Record<string, readonly string[]>> = {
  Equal: ['a', 'b'],
  NotEqual: ['a', 'b'],
  Greater: ['a', 'b'],
  Less: ['a', 'b'],
  LessEqual: ['a', 'b'],
  LogicalAnd: ['a', 'b'],
  LogicalOr: ['a', 'b'],
  LogicalXor: ['a', 'b'],
  LogicalNot: ['x'],
};

function zeroGradient(kernelName: string, inputs: readonly string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: [...inputs],
    gradFunc: (_, saved) => Object.fromEntries(inputs.map((input, index) => [input, () => zeros(saved[index]!.shape)])),
  };
}

/**
 * Gives tfjs-core its gradient functions, which its Node build leaves out. Every caller of `grads`, `valueAndGrads` or
 * `customGrad` needs this once a process; calling it again does nothing.
 */
export function registerGradients(): void {
  const zeroGradients = Object.entries(constantBetweenJumps).map(([kernel, inputs]) => zeroGradient(kernel, inputs));
  for (const config of [...gradients, ...zeroGradients]) {
    if (getGradient(config.kernelName) === undefined) registerGradient(config);
  }
}
