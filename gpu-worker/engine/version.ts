import { env } from './runtime/onnx-runtime.js';

/**
 * Raised with every change of the engine that can change the bytes of a result: in a lowering, a pass, the random
 * numbers, or the optimizer.
 */
const numerics = 4;

/** Part of what makes a run reproducible, with the thread count and the processor's instruction set. */
export const engineVersion = `${numerics}+onnxruntime-${env.versions.node ?? env.versions.common}`;
