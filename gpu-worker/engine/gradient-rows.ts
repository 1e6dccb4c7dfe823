/**
 * The rows of a matrix that ever had a gradient, for parameters whose gradients come by rows. Of a vocabulary of 30,522
 * words, a batch of 2,048 tokens touches some hundreds, and most corpora never use half. For a row never touched,
 * gradient and moments are zero, so their memory need not be read, written or even committed.
 */
export class GradientRows {
  readonly #used: Uint8Array;

  constructor(rowCount: number) {
    this.#used = new Uint8Array(rowCount);
  }

  add(row: number): void {
    this.#used[row] = 1;
  }

  /** Adds every row in which one of the given matrices [rows, width] has a value other than zero. */
  addNonZero(width: number, ...matrices: readonly Float32Array[]): void {
    for (let row = 0; row < this.#used.length; row++) {
      for (const matrix of matrices) {
        for (let i = row * width; i < (row + 1) * width; i++) if (matrix[i] !== 0) this.#used[row] = 1;
      }
    }
  }

  /**
   * Calls `visit(first, end, used)` for each longest run of rows [first, end) that are all used or all not, in order.
   */
  forEachRun(visit: (first: number, end: number, used: boolean) => void): void {
    const used = this.#used;
    let first = 0;
    for (let row = 1; row <= used.length; row++) {
      if (row < used.length && used[row] === used[first]) continue;
      visit(first, row, used[first] === 1);
      first = row;
    }
  }

  /** Σ of `value(row)` over the used rows, added in order. */
  sumOver(value: (row: number) => number): number {
    let total = 0;
    for (let row = 0; row < this.#used.length; row++) if (this.#used[row] === 1) total += value(row);
    return total;
  }
}
