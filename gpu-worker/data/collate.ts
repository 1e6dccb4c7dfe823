import type { Batch } from './batch-plan.js';
import type { TokenizedTexts } from './tokenize.js';

export interface TokenBatch {
  /** [B,T], 0 at padding. */
  readonly ids: Int32Array;
  /** [B,T], 1 at tokens, 0 at padding. */
  readonly mask: Float32Array;
  /** [B,T], 0 at padding; there only for models that read types. */
  readonly typeIds?: Int32Array;
}

/**
 * Token ids, mask and type ids of one batch, padded to `batchSize` rows of `batch.length` tokens: shapes stay static.
 */
export function collateTokens(texts: TokenizedTexts, batch: Batch, batchSize: number): TokenBatch {
  const ids = new Int32Array(batchSize * batch.length);
  const typeIds = texts.typeIds && new Int32Array(batchSize * batch.length);
  for (const [row, example] of batch.examples.entries()) {
    const start = texts.offsets[example] ?? 0;
    const end = texts.offsets[example + 1] ?? start;
    ids.set(texts.ids.subarray(start, end), row * batch.length);
    if (texts.typeIds !== null) typeIds?.set(texts.typeIds.subarray(start, end), row * batch.length);
  }
  const mask = collateMask(texts, batch, batchSize);
  return typeIds === null ? { ids, mask } : { ids, mask, typeIds };
}

/** [B,T], 1 at tokens, 0 at padding. */
export function collateMask(
  { lengths }: Pick<TokenizedTexts, 'lengths'>,
  batch: Batch,
  batchSize: number,
): Float32Array {
  const mask = new Float32Array(batchSize * batch.length);
  for (const [row, example] of batch.examples.entries()) {
    mask.fill(1, row * batch.length, row * batch.length + (lengths[example] ?? 0));
  }
  return mask;
}

/** Rows `examples` of cached values [N,W] → [B,W], zeros in rows beyond the examples. */
export function collateRows(
  values: Float32Array,
  width: number,
  examples: Int32Array,
  batchSize: number,
): Float32Array {
  const rows = new Float32Array(batchSize * width);
  for (const [row, example] of examples.entries()) {
    rows.set(values.subarray(example * width, (example + 1) * width), row * width);
  }
  return rows;
}

/** Class numbers of the examples → [B], `padding` in rows beyond the examples. */
export function collateTargets(
  targets: Int32Array,
  examples: Int32Array,
  batchSize: number,
  padding: number,
): Int32Array {
  const rows = new Int32Array(batchSize).fill(padding);
  for (const [row, example] of examples.entries()) rows[row] = targets[example] ?? padding;
  return rows;
}

/**
 * Targets of tokens, those of all examples in one array → [B,T], `padding` at padding and in rows beyond the examples.
 */
export function collateTokenTargets(
  targets: Int32Array,
  offsets: Int32Array,
  { examples, length }: Batch,
  batchSize: number,
  padding: number,
): Int32Array {
  const rows = new Int32Array(batchSize * length).fill(padding);
  for (const [row, example] of examples.entries()) {
    rows.set(targets.subarray(offsets[example], offsets[example + 1]), row * length);
  }
  return rows;
}
