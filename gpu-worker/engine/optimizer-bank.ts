import { readFileSync } from 'node:fs';
import type { AdamWCoefficients } from '../optim/coefficients.js';
import { bytesPerPage } from './banks.js';
import { EngineError } from './errors.js';

/**
 * A WebAssembly memory of fixed size and the kernels that work in it. Pointers are byte offsets, lengths count float32
 * elements, and nothing is checked.
 */
export interface OptimizerBank {
  readonly buffer: ArrayBuffer;
  /** Σ x² over [rows, width]: the rows' sums in double precision, added in order. */
  sumOfSquaresByRows(x: number, rows: number, width: number): number;
  /** One AdamW update in place, which leaves the gradient zero. */
  adamw(parameter: number, gradient: number, m: number, v: number, length: number, by: AdamWCoefficients): void;
  /** x ← factor · x */
  scale(x: number, length: number, factor: number): void;
}

/** The exports of kernels/optimizer.ts. */
interface OptimizerExports {
  sumOfSquaresByRows(x: number, rows: number, width: number): number;
  adamw(...pointersLengthAndCoefficients: number[]): void;
  scale(x: number, length: number, factor: number): void;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Reserves `bytes` (whole pages); the system commits a page when it is first written.
 *
 * @throws EngineError INVALID_PARAMETERS when the system refuses the memory
 */
export function openBank(bytes: number): OptimizerBank {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernels/optimizer.wasm', import.meta.url)));
  const memory = reserve(bytes);
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernels = instance.exports as OptimizerExports;
  return {
    buffer: memory.buffer,
    sumOfSquaresByRows: kernels.sumOfSquaresByRows,
    scale: kernels.scale,
    adamw(parameter, gradient, m, v, length, by) {
      kernels.adamw(
        parameter,
        gradient,
        m,
        v,
        length,
        by.gradientScale,
        by.decayFactor,
        by.oneMinusBeta1,
        by.beta2,
        by.oneMinusBeta2,
        by.stepSize,
        by.secondMomentCorrection,
        by.epsilon,
      );
    },
  };
}

function reserve(bytes: number): WebAssembly.Memory {
  const pages = bytes / bytesPerPage;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    throw new EngineError(
      'INVALID_PARAMETERS',
      `The system refuses ${(bytes / 2 ** 30).toFixed(2)} GiB of memory for the trainable parameters.`,
      { cause: error },
    );
  }
}
