import type { Tensor } from '@tensorflow/tfjs-core';
import type { TargetHead, TargetKind } from '../../src/protocol/heads.js';
import type { Batch } from '../data/batch-plan.js';
import type { NamedInput } from '../data/split-rows.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import type { DynamicInputSpec, Feeds, Tensors } from '../engine/types.js';
import type { Head } from './linear-head.js';

/** A head, and the columns that its targets are read from. */
export interface TargetSource {
  readonly head: Head;
  readonly columns: readonly NamedInput[];
}

/** The targets of all rows of a split that have a text. */
export interface RowTargets<Of extends Targets = Targets> {
  isPresent(row: number): boolean;
  /** The targets of the given rows. @param texts the same rows, tokenized */
  keep(rows: Int32Array, texts: TokenizedTexts): Of;
}

/** Targets of N examples. What a head does not know occurs only among what it is measured on, never in training. */
export type Targets =
  /** [N] class numbers, C + i for `unknown[i]`, which the head does not know, `noTarget` where there is no label. */
  | { readonly kind: 'classification'; readonly classes: Int32Array; readonly unknown: readonly string[] }
  /**
   * values: [N,C] of 0 and 1; present: [N], 1 where an example has a list of labels, even an empty one, else 0;
   * unknown: by example, the labels that the head does not know.
   */
  | {
      readonly kind: 'multiLabel';
      readonly values: Float32Array;
      readonly present: Float32Array;
      readonly unknown: ReadonlyMap<number, readonly string[]>;
    }
  /** [N,K] in the unit of the data, NaN where a number is missing. */
  | { readonly kind: 'regression'; readonly values: Float64Array }
  /**
   * [tokens] tag numbers at the first token of each word, C + i for `unknown[i]`, `noTarget` at all others; those of
   * example i begin at offsets[i].
   */
  | {
      readonly kind: 'tokenClassification';
      readonly tags: Int32Array;
      readonly offsets: Int32Array;
      readonly unknown: readonly string[];
    };

export type TargetsOf<Kind extends TargetKind> = Extract<Targets, { readonly kind: Kind }>;

/** The targets as those of a kind, which they have to be. */
export function targetsOf<Kind extends TargetKind>(targets: Targets, kind: Kind): TargetsOf<Kind> {
  if (targets.kind !== kind) throw new RangeError(`the targets are of kind ${targets.kind}, not ${kind}`);
  return targets as TargetsOf<Kind>;
}

/**
 * A head in training, with the targets of its training split. The names of its inputs to the graph end in `at`, so that
 * those of several heads differ.
 */
export interface TrainedHead {
  readonly head: Head;
  /** Where the bias of a new head starts [K]; absent: at zero, as in transformers. */
  readonly initialBias?: Float32Array;
  inputs(at: string, batchSize: number, length: number | string): Readonly<Record<string, DynamicInputSpec>>;
  feeds(at: string, batch: Batch, batchSize: number): Feeds;
  /** The weighted mean loss of a batch's targets: outputs [B,K], or [B·T,K] of a head that reads tokens → scalar. */
  loss(at: string, outputs: Tensor, inputs: Tensors): Tensor;
  /**
   * The sum of the weights of the examples' targets, by which their mean loss is weighted in an update of several
   * batches.
   */
  weightOf(examples: Int32Array): number;
  /** The head as the trained model has it; `settleHead` adds what is chosen on the validation split. */
  readonly modelHead: TargetHead;
}
