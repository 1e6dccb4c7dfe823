import { gather, reshape, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Rows of table [V,H] at int32 ids of any shape → [ids.size, H]. Its gradient is an `UnsortedSegmentSum`, which the
 * engine turns into a list of (id, row) pairs instead of a [V,H] tensor of zeros.
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  return gather(table, reshape(ids, [ids.size]));
}
