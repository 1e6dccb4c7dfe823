import { growing } from './growing.js';

/** Token ids of many sequences, one after the other, and which of them a language model learns to predict. */
export interface TokenSequences {
  readonly ids: Int32Array;
  /** As `ids`: 1 where the token is to be predicted. From those before it never the first token of a sequence. */
  readonly isTarget: Uint8Array;
  /** [N+1]: sequence i is ids[offsets[i]] … ids[offsets[i+1] − 1]. */
  readonly offsets: Int32Array;
}

/** The rows that batches are made of: each holds one sequence, or several, one after the other. */
export interface TokenRows extends TokenSequences {
  /** [R] tokens of each row. */
  readonly lengths: Int32Array;
  /** [R] targets of each row. */
  readonly targetCounts: Int32Array;
  /**
   * As `ids`, of masked tokens: the token that stands at each place, where `ids` has what stands there instead. A
   * target is predicted from its own state then. Null: `ids` themselves, each predicted from the state before it.
   */
  readonly labels: Int32Array | null;
  /** As `ids`: the number of each token's sequence in its row, counted from 1. Null where every row holds one. */
  readonly segments: Int32Array | null;
}

/** Collects sequences. */
export function sequenceWriter() {
  const ids = growing(Int32Array, 1024);
  const isTarget = growing(Uint8Array, 1024);
  const offsets = [0];
  return {
    /** @param targets as `isTarget`, of these tokens */
    add(tokens: Int32Array | readonly number[], targets: Uint8Array): void {
      isTarget.append(targets);
      offsets.push(ids.append(tokens));
    },
    get count() {
      return offsets.length - 1;
    },
    all: (): TokenSequences => ({ ids: ids.all(), isTarget: isTarget.all(), offsets: Int32Array.from(offsets) }),
  };
}
