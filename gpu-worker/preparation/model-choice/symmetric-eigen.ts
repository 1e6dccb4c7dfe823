/** Eigenvalues, ascending, and eigenvectors: row j of `vectors` [n, n] belongs to `values[j]`. */
export interface EigenDecomposition {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Rows of a matrix of 1,000 that the algorithm goes through between two signs of life: some milliseconds. */
const rowsPerBeat = 16;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix [n, n], row by row: Householder's tridiagonalization and the
 * implicit QL algorithm (EISPACK's tred2 and tql2: Bowdler, Martin, Reinsch and Wilkinson 1968). About 5 n³ operations.
 *
 * @param matrix is overwritten
 * @param beat is called at least once a second
 */
export function decomposeSymmetric(
  matrix: Float64Array,
  n: number,
  beat: () => void = () => undefined,
): EigenDecomposition {
  // The matrix is kept transposed, so that all inner loops run along rows.
  const values = new Float64Array(n);
  const below = new Float64Array(n);
  tridiagonalize(matrix, n, values, below, beat);
  diagonalize(matrix, n, values, below, beat);
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(matrix.subarray(from * n, (from + 1) * n), to * n);
  return { values: values.slice().sort(), vectors };
}

/** Makes the transformation in place of the matrix, its diagonal `d`, and what is below it, `e`. */
function tridiagonalize(v: Float64Array, n: number, d: Float64Array, e: Float64Array, beat: () => void): void {
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]!;
  for (let i = n - 1; i > 0; i--) {
    if (i % rowsPerBeat === 0) beat();
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]!;
        v[j * n + i] = 0;
        v[i * n + j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale;
        h += d[k]! * d[k]!;
      }
      const f = d[i - 1]!;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        const own = d[j]!;
        const row = j * n;
        v[i * n + j] = own;
        let sum = e[j]! + v[row + j]! * own;
        for (let k = j + 1; k < i; k++) {
          const value = v[row + k]!;
          sum += value * d[k]!;
          e[k]! += value * own;
        }
        e[j] = sum;
      }
      let product = 0;
      for (let j = 0; j < i; j++) {
        e[j]! /= h;
        product += e[j]! * d[j]!;
      }
      const half = product / (h + h);
      for (let j = 0; j < i; j++) e[j]! -= half * d[j]!;
      for (let j = 0; j < i; j++) {
        const own = d[j]!;
        const other = e[j]!;
        const row = j * n;
        for (let k = j; k < i; k++) v[row + k]! -= own * e[k]! + other * d[k]!;
        d[j] = v[row + i - 1]!;
        v[row + i] = 0;
      }
    }
    d[i] = h;
  }
  accumulate(v, n, d, beat);
  e[0] = 0;
}

/** The product of all reflections, in place of what describes them. */
function accumulate(v: Float64Array, n: number, d: Float64Array, beat: () => void): void {
  for (let i = 0; i < n - 1; i++) {
    if (i % rowsPerBeat === 0) beat();
    v[i * n + n - 1] = v[i * n + i]!;
    v[i * n + i] = 1;
    const h = d[i + 1]!;
    const next = (i + 1) * n;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h;
      for (let j = 0; j <= i; j++) {
        const row = j * n;
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[next + k]! * v[row + k]!;
        for (let k = 0; k <= i; k++) v[row + k]! -= g * d[k]!;
      }
    }
    v.fill(0, next, next + i + 1);
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1]!;
    v[j * n + n - 1] = 0;
  }
  v[n * n - 1] = 1;
}

/** The QL algorithm with implicit shifts, whose rotations turn the transformation into the eigenvectors. */
function diagonalize(v: Float64Array, n: number, d: Float64Array, e: Float64Array, beat: () => void): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!;
  e[n - 1] = 0;
  let shift = 0;
  let greatest = 0;
  for (let l = 0; l < n; l++) {
    if (l % rowsPerBeat === 0) beat();
    greatest = Math.max(greatest, Math.abs(d[l]!) + Math.abs(e[l]!));
    const least = Number.EPSILON * greatest;
    let m = l;
    while (m < n - 1 && Math.abs(e[m]!) > least) m++;
    while (m > l && Math.abs(e[l]!) > least) {
      const before = d[l]!;
      let p = (d[l + 1]! - before) / (2 * e[l]!);
      const r = p < 0 ? -hypotenuse(p, 1) : hypotenuse(p, 1);
      d[l] = e[l]! / (p + r);
      d[l + 1] = e[l]! * (p + r);
      const second = d[l + 1]!;
      const moved = before - d[l]!;
      for (let i = l + 2; i < n; i++) d[i]! -= moved;
      shift += moved;
      p = d[m]!;
      let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
      const after = e[l + 1]!;
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        const g = c * e[i]!;
        const h = c * p;
        const length = hypotenuse(p, e[i]!);
        e[i + 1] = s * length;
        s = e[i]! / length;
        c = p / length;
        p = c * d[i]! - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]!);
        rotate(v, i * n, n, c, s);
      }
      p = (-s * s2 * c3 * after * e[l]!) / second;
      e[l] = s * p;
      d[l] = c * p;
    }
    d[l]! += shift;
    e[l] = 0;
  }
}

/** Rotates a row and the next one by an angle with cosine c and sine s. */
function rotate(v: Float64Array, row: number, n: number, c: number, s: number): void {
  for (let k = row, end = row + n; k < end; k++) {
    const own = v[k]!;
    const next = v[k + n]!;
    v[k + n] = s * own + c * next;
    v[k] = c * own - s * next;
  }
}

function hypotenuse(a: number, b: number): number {
  return Math.sqrt(a * a + b * b);
}
