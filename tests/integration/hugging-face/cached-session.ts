import { InferenceSession, Tensor } from '../../../gpu-worker/engine/runtime/onnx-runtime.js';
import { partTensor } from '../../../gpu-worker/engine/runtime/session.js';

/** A graph with keys and values of earlier tokens, in a bare ONNX Runtime. */
export interface CachedSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Logits [T][V] of each row, which is read in pieces: `cuts` are the columns at which a new run begins. As
   * transformers.js does, it begins with no earlier tokens, counts places over the mask, and gives back what it got.
   */
  logits(ids: readonly number[][], mask: readonly number[][], cuts: readonly number[]): Promise<number[][][]>;
  release(): Promise<void>;
}

export async function openCached(path: string): Promise<CachedSession> {
  const session = await InferenceSession.create(path);
  const pasts = session.inputMetadata.filter(({ name }) => name.startsWith('past_key_values.'));
  const int64 = (rows: readonly number[][]) =>
    new Tensor(
      'int64',
      BigInt64Array.from(rows.flat(), (value) => BigInt(value)),
      [rows.length, rows[0]!.length],
    );

  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    release: () => session.release(),
    async logits(ids, mask, cuts) {
      const places = mask.map((row) => row.map((one, t) => (one === 0 ? 1 : sum(row.slice(0, t)))));
      const all: number[][][] = ids.map(() => []);
      let kept: Record<string, Tensor> = Object.fromEntries(
        pasts.map((past) => {
          if (!past.isTensor) throw new TypeError(`${past.name} is no tensor`);
          const dims = past.shape.map((size) =>
            typeof size === 'number' ? size : size === 'batch_size' ? ids.length : 0,
          );
          return [
            past.name,
            past.type === 'float16' ? halves(new Uint16Array(0), dims) : floats(new Float32Array(0), dims),
          ];
        }),
      );
      const bounds = [0, ...cuts, ids[0]!.length];
      for (const [piece, start] of bounds.slice(0, -1).entries()) {
        const columns = <T>(rows: readonly (readonly T[])[], from: number) =>
          rows.map((row) => row.slice(from, bounds[piece + 1]));
        const outputs = await session.run({
          input_ids: int64(columns(ids, start)),
          attention_mask: int64(columns(mask, 0)),
          position_ids: int64(columns(places, start)),
          ...kept,
        });
        const { dims, data } = outputs.logits!;
        const [, T = 0, V = 0] = dims;
        for (const [row, rows] of all.entries()) {
          for (let t = 0; t < T; t++) {
            const at = (row * T + t) * V;
            rows.push([...(data as Float32Array).subarray(at, at + V)]);
          }
        }
        kept = Object.fromEntries(
          Object.entries(outputs)
            .filter(([name]) => name.startsWith('present.'))
            .map(([name, tensor]) => [name.replace('present', 'past_key_values'), givenBack(tensor)]),
        );
      }
      return all;
    },
  };
}

function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return partTensor({ type: 'float32', data, shape });
}

function halves(data: Uint16Array, shape: readonly number[]): Tensor {
  return partTensor({ type: 'float16', data, shape });
}

/** An output as an input. A Node that has Float16Array gives halves as such, which its binding does not take. */
function givenBack({ type, dims, data }: Tensor): Tensor {
  const { buffer, byteOffset, length } = data as Uint16Array;
  return type === 'float16'
    ? halves(new Uint16Array(buffer, byteOffset, length), dims)
    : floats(data as Float32Array, dims);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
