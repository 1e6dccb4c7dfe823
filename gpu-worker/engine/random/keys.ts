/** The 32-bit keys of one mask: two for each of its rows, one for each of its columns. */
export interface DropoutKeys {
  /** Odd numbers. */
  readonly rowFactors: Int32Array;
  readonly rowAddends: Int32Array;
  readonly columnKeys: Int32Array;
}

/** One use of dropout in a function: its index `site`, and its tensor of `rows` × `columns` elements. */
export interface DropoutSite {
  readonly site: number;
  readonly rows: number;
  readonly columns: number;
}

export function createDropoutKeys({ rows, columns }: DropoutSite): DropoutKeys {
  return {
    rowFactors: new Int32Array(rows),
    rowAddends: new Int32Array(rows),
    columnKeys: new Int32Array(columns),
  };
}

/**
 * Writes the keys of one site at one step. Every key is a hash of only (seed, step, site, stream, index), so a resumed
 * run draws the same masks as an uninterrupted one.
 */
export function fillDropoutKeys(keys: DropoutKeys, seed: number, step: number, site: number): void {
  const stream = [high(seed), low(seed), high(step), low(step), site].reduce(
    (state, word) => mix(state ^ word),
    0x243f6a88,
  );
  fill(keys.rowFactors, mix(stream ^ 1), 1);
  fill(keys.rowAddends, mix(stream ^ 2), 0);
  fill(keys.columnKeys, mix(stream ^ 3), 0);
}

/** Fills the keys in counter mode. `lowestBit` is set in every key. */
function fill(target: Int32Array, stream: number, lowestBit: 0 | 1): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = mix(stream + Math.imul(index, 0x9e3779b9)) | lowestBit;
  }
}

/** A bijection of 32-bit words with low bias: "lowbias32", Chris Wellons, https://nullprogram.com/blog/2018/07/31/ */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

function low(integer: number): number {
  return integer | 0;
}

function high(integer: number): number {
  return Math.floor(integer / 2 ** 32) | 0;
}
