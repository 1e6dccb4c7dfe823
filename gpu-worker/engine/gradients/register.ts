import { type GradConfig, getGradient, registerGradient, zeros } from '@tensorflow/tfjs-core';
import { gradients } from './generated/tfjs-gradients.js';

/**
 * Kernels whose result is constant between its jumps. tfjs has a gradient for only some of them, and `where` needs it
 * for all.
 */
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
 * Registers tfjs's gradient functions, which tfjs's Node build leaves out. Every caller of `grads`, `valueAndGrads` or
 * `customGrad` needs this once in a process; calling it again does nothing.
 */
export function registerGradients(): void {
  const zeroGradients = Object.entries(constantBetweenJumps).map(([kernel, inputs]) => zeroGradient(kernel, inputs));
  for (const config of [...gradients, ...zeroGradients]) {
    if (getGradient(config.kernelName) === undefined) registerGradient(config);
  }
}
