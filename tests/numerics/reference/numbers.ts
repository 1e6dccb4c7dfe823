/** The stream of numbers in [−0.5, 0.5) of numbers_stream.py: a linear congruential generator. */
export function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  while (true) {
    state = Number((1664525n * BigInt(state) + 1013904223n) % 4294967296n);
    yield state / 2 ** 32 - 0.5;
  }
}

/** The next values of a stream as float32, value · scale + offset. */
export function draw(stream: Generator<number, never>, count: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: count }, () => stream.next().value * scale + offset);
}
