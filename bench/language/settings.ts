import type { LanguageModellingSpec, SupervisedSpec } from '../../src/protocol/methods/index.js';

/** The JSON file that tells one side what to do: attune.ts and opponent.py read what they need of it. */
export interface SideSettings {
  readonly threads: number;
  /** Attune's: the root of its artifact store, and what is trained. */
  readonly store: string;
  readonly spec: LanguageModellingSpec | SupervisedSpec;
  /** The other side's: the model's `config.json` and weights, what its tensors' names begin with there, and rows. */
  readonly config: string;
  readonly weights: string;
  readonly prefix: string;
  /** Lists of token ids, a text each. */
  readonly rows: readonly (readonly number[])[];
  /** The class of each text, or null where its next tokens are learned. */
  readonly classes: readonly number[] | null;
  readonly batchSize: number;
  readonly adapter: readonly string[] | null;
  readonly output: string;
}
