import type { TokenBatch } from '../data/collate.js';
import { type InferenceSession, Tensor } from '../engine/runtime/onnx-runtime.js';
import { float32Tensor, partTensor } from '../engine/runtime/session.js';

const pastPrefix = 'past_key_values.';
const presentPrefix = 'present.';

/** Whether a graph takes keys and values of earlier tokens. */
export function takesEarlierTokens({ inputNames }: Pick<InferenceSession, 'inputNames'>): boolean {
  return inputNames.some((name) => name.startsWith(pastPrefix));
}

/**
 * Runs such a graph on B texts of T tokens as programs that generate do: first without earlier tokens, on the first
 * half of the columns, then on the others with the keys and values that it gave. So what it gives is checked too.
 *
 * @returns logits [B,T,V]
 */
export async function runInHalves(
  session: InferenceSession,
  { ids, mask }: TokenBatch,
  B: number,
  T: number,
): Promise<Record<string, Tensor>> {
  const half = Math.ceil(T / 2);
  const pieces =
    half < T
      ? ([
          [0, half],
          [half, T],
        ] as const)
      : ([[0, T]] as const);
  let kept = withoutTokens(session, B);
  const logits: Tensor[] = [];
  for (const [start, end] of pieces) {
    const outputs = await session.run({
      input_ids: columns(ids, B, T, start, end),
      attention_mask: columns(mask, B, T, 0, end),
      position_ids: columns(placesIn(T, B), B, T, start, end),
      ...kept,
    });
    logits.push(outputs.logits!);
    kept = Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => name.startsWith(presentPrefix))
        .map(([name, given]) => [name.replace(presentPrefix, pastPrefix), givenBack(given)]),
    );
  }
  return { logits: joinedTokens(logits, B) };
}

/** Padding is on the right, and reads what it may. */
function placesIn(T: number, B: number): Int32Array {
  return Int32Array.from({ length: B * T }, (_, at) => at % T);
}

function withoutTokens({ inputMetadata }: InferenceSession, B: number): Record<string, Tensor> {
  return Object.fromEntries(
    inputMetadata.flatMap((input) => {
      if (!input.isTensor || !input.name.startsWith(pastPrefix)) return [];
      const shape = input.shape.map((size) => (typeof size === 'number' ? size : size === 'batch_size' ? B : 0));
      return [
        [
          input.name,
          input.type === 'float16' ? halves(new Uint16Array(0), shape) : float32Tensor(new Float32Array(0), shape),
        ],
      ];
    }),
  );
}

/** An output as an input: a Node that has Float16Array gives halves as such, which its binding does not take. */
function givenBack(output: Tensor): Tensor {
  if (output.type !== 'float16') return output;
  const { buffer, byteOffset, length } = output.data as Uint16Array<ArrayBuffer>;
  return halves(new Uint16Array(buffer, byteOffset, length), output.dims);
}

function halves(data: Uint16Array, shape: readonly number[]): Tensor {
  return partTensor({ type: 'float16', data, shape });
}

/** int64 [B,end − start]: columns of values [B,T]. */
function columns(values: ArrayLike<number>, B: number, T: number, start: number, end: number): Tensor {
  const width = end - start;
  const taken = BigInt64Array.from({ length: B * width }, (_, at) =>
    BigInt(values[Math.floor(at / width) * T + start + (at % width)]!),
  );
  return new Tensor('int64', taken, [B, width]);
}

/** Logits of pieces of the same texts, [B,t,V] each, as one tensor [B,T,V]. */
function joinedTokens(pieces: readonly Tensor[], B: number): Tensor {
  const [first, ...others] = pieces as [Tensor, ...Tensor[]];
  if (others.length === 0) return first;
  const T = pieces.reduce((sum, { dims }) => sum + dims[1]!, 0);
  const V = first.dims[2]!;
  const all = new Float32Array(B * T * V);
  let column = 0;
  for (const { dims, data } of pieces) {
    const width = dims[1]! * V;
    for (let b = 0; b < B; b++) {
      all.set((data as Float32Array).subarray(b * width, (b + 1) * width), (b * T + column) * V);
    }
    column += dims[1]!;
  }
  return float32Tensor(all, [B, T, V]);
}
