import { EngineError } from '../errors.js';

/** Numbers of a row that share a scale: ONNX Runtime's products are fastest with so many. */
export const codesTogether = 128;

/** The code of 0. */
export const zeroCode = 128;

/**
 * A frozen matrix as ONNX Runtime's `MatMulNBits` multiplies with it: N outputs of K inputs each, in blocks along K of
 * 8 bits with a scale, the last one filled up with zeros.
 */
export interface ProductCodes {
  /** N */
  readonly outputs: number;
  /** K */
  readonly inputs: number;
  /** [N,M,codesTogether] */
  readonly codes: Uint8Array;
  /** [N,M] */
  readonly scales: Float32Array;
  /** Takes over the matrix, [N,K] or, where inputs come first, [K,N]. */
  write(values: Float32Array): void;
  /** The numbers that it stands for, as they were written. */
  read(): Float32Array;
}

/**
 * Makes the matrix, full of zeros. A block's scale is its largest magnitude ÷ 127, so that zero stays zero and none is
 * off by more than half a scale.
 *
 * @param inputsFirst whether its values come as [K,N]
 * @throws EngineError INVALID_PARAMETERS where it is no matrix
 */
export function createProductCodes(name: string, shape: readonly number[], inputsFirst: boolean): ProductCodes {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2) {
    throw new EngineError('INVALID_PARAMETERS', `${name} [${shape}] is held for products, but is no matrix.`);
  }
  const [N, K] = inputsFirst ? [columns, rows] : [rows, columns];
  const [toOutput, toInput] = inputsFirst ? [1, columns] : [columns, 1];
  const M = Math.ceil(K / codesTogether);
  const codes = new Uint8Array(N * M * codesTogether).fill(zeroCode);
  const scales = new Float32Array(N * M);
  const block = new Float32Array(codesTogether);

  return {
    outputs: N,
    inputs: K,
    codes,
    scales,
    write(values) {
      for (let at = 0; at < N * M; at++) {
        const first = Math.floor(at / M) * toOutput + (at % M) * codesTogether * toInput;
        const count = Math.min(codesTogether, K - (at % M) * codesTogether);
        let largest = 0;
        for (let i = 0; i < count; i++) {
          block[i] = values[first + i * toInput]!;
          // Math.max keeps a NaN, where a comparison would pass over it.
          largest = Math.max(largest, Math.abs(block[i]!));
        }
        const scale = Math.fround(largest / 127);
        scales[at] = scale;
        const inverse = scale === 0 ? 0 : 1 / scale;
        for (let i = 0; i < count; i++) codes[at * codesTogether + i] = zeroCode + Math.round(block[i]! * inverse);
      }
    },
    read() {
      const values = new Float32Array(N * K);
      for (let n = 0; n < N; n++) {
        for (let k = 0; k < K; k++) {
          const at = n * M + Math.floor(k / codesTogether);
          const code = codes[at * codesTogether + (k % codesTogether)]!;
          values[n * toOutput + k * toInput] = (code - zeroCode) * scales[at]!;
        }
      }
      return values;
    },
  };
}
