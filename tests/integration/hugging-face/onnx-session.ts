import { join } from 'node:path';
import { InferenceSession, Tensor } from '../../../gpu-worker/engine/runtime/onnx-runtime.js';
import type { Batch } from '../../numerics/reference/hugging-face/reference.js';

/** Runs an exported graph in a bare ONNX Runtime. Outputs by name, rows of padding included. */
export async function runOnnx(
  folder: string,
  batch: Pick<Batch, 'ids' | 'mask' | 'typeIds'>,
  file = 'model.onnx',
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
  const session = await InferenceSession.create(join(folder, file));
  try {
    const given: Record<string, number[][]> = {
      input_ids: batch.ids,
      attention_mask: batch.mask,
      token_type_ids: batch.typeIds,
    };
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => {
        const rows = given[name]!;
        const dims = [rows.length, rows[0]!.length];
        return [
          name,
          new Tensor(
            'int64',
            BigInt64Array.from(rows.flat(), (value) => BigInt(value)),
            dims,
          ),
        ];
      }),
    );
    const outputs = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}
