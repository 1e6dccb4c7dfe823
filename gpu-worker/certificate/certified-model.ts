import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ModelWeights } from '../models/model-weights.js';

/** What a model gives where it is checked. */
export type OutputKind =
  /** The outputs of its heads. */
  | 'heads'
  /** Logits of tokens: of the next, or of those that are masked. */
  | 'tokens'
  /** States of tokens, and what a pooler makes of them. */
  | 'states'
  /** One vector of each text, by a pooler of the family's own. */
  | 'embedding';

/** A model that a fresh graph can be made of. */
export interface RunnableModel {
  /** Its configuration, layers and heads count; not the files that it names. */
  readonly manifest: ModelManifest;
  readonly weights: ModelWeights;
}

/** The numbers of one output, row after row: [R,W]. */
export interface Computed {
  /** Its name, equal for the trained model and the export. */
  readonly name: string;
  /** Null unless it is of a head. */
  readonly task: string | null;
  /** Numbers in a row, W. */
  readonly width: number;
  readonly values: Float32Array;
}
