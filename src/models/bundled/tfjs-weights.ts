import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { elementCount, type Tensor } from '../../storage/safetensors.js';

/** The part of a TensorFlow.js `model.json` that says where the weights are. */
const WeightsManifest = z.object({
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string().regex(/^[\w.-]+$/)),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number().int().min(0)),
          dtype: z.enum(['float32', 'int32']),
          quantization: z.never().optional(),
        }),
      ),
    }),
  ),
});

/** Reads the float32 weights of a TensorFlow.js model folder, unquantized, by their names in the graph. */
export async function readTfjsWeights(folder: string): Promise<ReadonlyMap<string, Tensor>> {
  const json: unknown = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const tensors = new Map<string, Tensor>();
  for (const { paths, weights } of WeightsManifest.parse(json).weightsManifest) {
    const shards = await Promise.all(paths.map((path) => readFile(join(folder, path))));
    const bytes = Buffer.concat(shards);
    let offset = 0;
    for (const { name, shape, dtype } of weights) {
      const end = offset + elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
      if (end > bytes.byteLength) throw new Error(`the weights of ${name} end after the last shard`);
      // A copy: a tensor may start anywhere in the buffer that Buffer.concat chose.
      if (dtype === 'float32')
        tensors.set(name, {
          shape,
          data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + end)),
        });
      offset = end;
    }
    if (offset !== bytes.byteLength)
      throw new Error('the shards hold more bytes than the weights they are said to hold');
  }
  return tensors;
}
