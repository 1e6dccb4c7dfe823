import type { GenerateJob } from '../../src/protocol/generation.js';

/** The JSON file that tells one side what to do: attune.ts and opponent.py read what they need of it. */
export interface SideSettings {
  readonly threads: number;
  /** Attune's: the root of its artifact store, the model's digest, and what its weights are held as. */
  readonly store: string;
  readonly modelDigest: string;
  readonly heldAs: GenerateJob['settings']['weights'];
  /** The other side's: the folder that `from_pretrained` reads. */
  readonly model: string;
  /** Lists of token ids of one length. */
  readonly prompts: readonly (readonly number[])[];
  /** Tokens of each answer, always as many. */
  readonly newTokens: number;
}
