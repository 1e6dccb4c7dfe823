import { float32Bytes } from '../import-weights.js';
import type { ExportedTensor } from './layout.js';

export interface Shard {
  readonly name: string;
  readonly tensors: readonly ExportedTensor[];
}

/**
 * What transformers 4 took by default; later versions read it as well, and no upload or file system has trouble with
 * it.
 */
export const defaultShardBytes = 5e9;

/**
 * Divides tensors over files of at most `maxBytes`, in their order; a larger tensor has a file of its own. Named as
 * transformers does.
 */
export function divideIntoShards(tensors: readonly ExportedTensor[], maxBytes: number): Shard[] {
  const groups: ExportedTensor[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const size = float32Bytes([tensor]);
    if (bytes > 0 && bytes + size > maxBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(tensor);
    bytes += size;
  }
  if (groups.length === 1) return [{ name: 'model.safetensors', tensors }];
  const digits = (value: number) => String(value).padStart(5, '0');
  return groups.map((group, index) => ({
    name: `model-${digits(index + 1)}-of-${digits(groups.length)}.safetensors`,
    tensors: group,
  }));
}

/** The `model.safetensors.index.json` of several files. */
export function shardIndex(shards: readonly Shard[]): Record<string, unknown> {
  const places = shards.flatMap(({ name, tensors }) => tensors.map((tensor): [string, string] => [tensor.name, name]));
  return {
    metadata: { total_size: float32Bytes(shards.flatMap(({ tensors }) => tensors)) },
    weight_map: Object.fromEntries(places.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
