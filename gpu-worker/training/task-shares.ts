import type { Batch } from '../data/batch-plan.js';
import type { TrainedHead } from '../heads/index.js';

/** How a batch's mean losses enter the losses of the update it is part of, one value a task. */
export interface TaskShares {
  /**
   * [K] The batch's part of the update's label weight, times the number of batches: what the batch's mean loss is
   * multiplied with so that the mean over batches is the update's mean loss.
   */
  readonly shares: Float32Array;
  /** [K] 1 / the number of batches; 0 for a task without a label in the whole update. */
  readonly presence: Float32Array;
}

/**
 * The shares of each batch of an update. The product of both arrays is the batch's part of the update's label weight.
 * They are two arrays because a term that reads no examples, such as log σ of a learned loss weight, is divided evenly
 * among the batches.
 */
export function shareAmongBatches(
  batches: readonly Batch[],
  heads: readonly Pick<TrainedHead, 'weightOf'>[],
): TaskShares[] {
  const weights = batches.map(({ examples }) => heads.map((head) => head.weightOf(examples)));
  const totals = heads.map((_, k) => weights.reduce((sum, ofBatch) => sum + (ofBatch[k] ?? 0), 0));
  return weights.map((ofBatch) => ({
    shares: Float32Array.from(totals, (total, k) => (total === 0 ? 0 : ((ofBatch[k] ?? 0) / total) * batches.length)),
    presence: Float32Array.from(totals, (total) => (total === 0 ? 0 : 1 / batches.length)),
  }));
}
