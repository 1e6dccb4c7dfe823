/** The n-th greatest of values, n from 1 to their number, by a heap of n: O(V log n), mostly nearer to O(V). */
export function nthGreatest(values: Float32Array, n: number): number {
  /** The least of the greatest so far is on top. */
  const heap = new Float32Array(n).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value <= heap[0]!) continue;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= n) break;
      if (child + 1 < n && heap[child + 1]! < heap[child]!) child += 1;
      if (heap[child]! >= value) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = value;
  }
  return heap[0]!;
}
