import type { PolicyOptimizationSpec, RewardModellingSpec } from '../../src/protocol/methods/index.js';
import type { WorkName } from './works.js';

/** Two dialogues that differ in their last answer. */
export type Pair = {
  readonly chosen: string;
  readonly rejected: string;
};

/** The JSON file that tells one side what to do: attune.ts and opponent.py read what they need of it. */
export interface SideSettings {
  readonly method: WorkName;
  readonly threads: number;
  readonly seed: number;
  /** Attune's: the root of its artifact store, and what is trained. */
  readonly store: string;
  readonly spec: RewardModellingSpec | PolicyOptimizationSpec;
  /** The other side's: a folder in Hugging Face's layout, and rows. */
  readonly model: string;
  readonly rows: readonly (Pair | { readonly prompt: string })[];
  /** Of `reward`: what accuracies are measured on. */
  readonly heldOut: readonly Pair[];
  /** Pairs of an update; of `grpo` completions. */
  readonly batchSize: number;
  readonly epochs: number;
  /** Of `reward`: tokens of a dialogue, whose beginning is cut off. */
  readonly maxLength: number;
  readonly learningRate: number;
  /** Of `grpo`: completions of a prompt, and tokens of each. */
  readonly samples: number;
  readonly newTokens: number;
  readonly output: string;
}
