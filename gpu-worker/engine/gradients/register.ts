import { getGradient, registerGradient } from '@tensorflow/tfjs-core';
import { gradients } from './generated/tfjs-gradients.js';

/**
 * Gives tfjs-core its gradient functions, which its Node build leaves out. Every caller of `grads`, `valueAndGrads` or
 * `customGrad` needs this once a process; calling it again does nothing.
 */
export function registerGradients(): void {
  for (const config of gradients) {
    if (getGradient(config.kernelName) === undefined) registerGradient(config);
  }
}
