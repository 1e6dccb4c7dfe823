/** The greatest distance from zero: codes are symmetric. */
const greatestCode = 127;

/** What 0 is stored as. */
export const zeroCode = 128;

/** A matrix of one factor a row: value[r, c] = (code[r, c] − zeroCode) · scale[r]. */
export interface RowCodes {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** Of each row's codes less zeroCode. */
  readonly sums: Float32Array;
}

/**
 * Rounds each row of a matrix [R,C] to 255 steps about 0, the greatest of which is the row's greatest magnitude. A row
 * of zeros has the scale 1.
 *
 * @param isTransposed whether a row is a column of `values`, which are [C,R] then; codes have the layout of `values`
 */
export function rowCodes(values: Float32Array, rows: number, isTransposed: boolean): RowCodes {
  const columns = values.length / rows;
  // Memory is read in its order, whichever way the rows lie in it.
  const rowOf = (line: number, at: number) => (isTransposed ? at : line);
  const [lines, width] = isTransposed ? [columns, rows] : [rows, columns];
  const scales = new Float32Array(rows);
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < width; at++) {
      const row = rowOf(line, at);
      const size = Math.abs(values[line * width + at]!);
      if (size > scales[row]!) scales[row] = size;
    }
  }
  for (let row = 0; row < rows; row++) scales[row] = scales[row] === 0 ? 1 : scales[row]! / greatestCode;
  const codes = new Uint8Array(values.length);
  const sums = new Float32Array(rows);
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < width; at++) {
      const row = rowOf(line, at);
      const rounded = Math.round(values[line * width + at]! / scales[row]!);
      const code = Math.max(-greatestCode, Math.min(greatestCode, rounded));
      codes[line * width + at] = zeroCode + code;
      sums[row] = sums[row]! + code;
    }
  }
  return { codes, scales, sums };
}

/** A matrix [R,C] as [C,R]. */
export function transposedCodes(codes: Uint8Array, rows: number): Uint8Array {
  const columns = codes.length / rows;
  const transposed = new Uint8Array(codes.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) transposed[c * rows + row] = codes[row * columns + c]!;
  }
  return transposed;
}
