import type { ModelWeights } from '../models/model-weights.js';

/** Weights that are read by pieces. Who opened what they are read from closes it. */
export function weightsFrom(chunks: (name: string) => AsyncGenerator<Float32Array, void, void>): ModelWeights {
  return {
    chunks,
    async read(name) {
      const pieces: Float32Array[] = [];
      for await (const piece of chunks(name)) pieces.push(piece);
      const values = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let done = 0;
      for (const piece of pieces) {
        values.set(piece, done);
        done += piece.length;
      }
      return values;
    },
    async readInto(name, target) {
      let done = 0;
      for await (const piece of chunks(name)) {
        target.set(piece, done);
        done += piece.length;
      }
    },
    placeOf: () => null,
    close: async () => undefined,
  };
}
