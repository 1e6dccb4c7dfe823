/** The greatest code: −128 is left out, so that codes are symmetric. */
export const greatestCode = 127;

/** A matrix of one factor a row: value[r, c] = code[r, c] · scale[r]. */
export interface RowCodes {
  readonly codes: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Rounds each row of a matrix [R,C] to 255 steps about 0, the greatest of which is the row's greatest magnitude. A row
 * of zeros has the scale 1.
 *
 * @param isTransposed whether a row is a column of `values`, which are [C,R] then; codes have the layout of `values`
 */
export function rowCodes(values: Float32Array, rows: number, isTransposed: boolean): RowCodes {
  const columns = values.length / rows;
  const [rowStep, columnStep] = isTransposed ? [1, rows] : [columns, 1];
  const codes = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let greatest = 0;
    for (let c = 0, at = row * rowStep; c < columns; c++, at += columnStep) {
      greatest = Math.max(greatest, Math.abs(values[at]!));
    }
    const scale = greatest === 0 ? 1 : Math.fround(greatest / greatestCode);
    scales[row] = scale;
    for (let c = 0, at = row * rowStep; c < columns; c++, at += columnStep) {
      codes[at] = Math.max(-greatestCode, Math.min(greatestCode, Math.round(values[at]! / scale)));
    }
  }
  return { codes, scales };
}

/** A matrix [R,C] as [C,R]. */
export function transposedCodes(codes: Int8Array, rows: number): Int8Array {
  const columns = codes.length / rows;
  const transposed = new Int8Array(codes.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) transposed[c * rows + row] = codes[row * columns + c]!;
  }
  return transposed;
}
