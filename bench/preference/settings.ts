import type {
  PolicyOptimizationSpec,
  PreferenceOptimizationSpec,
  RewardModellingSpec,
} from '../../src/protocol/methods/index.js';
import type { WorkName } from './works.js';

/** Two answers to a prompt; of `reward`, which reads whole dialogues, there is no prompt. */
export type Pair = {
  readonly prompt?: string;
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
  readonly spec: RewardModellingSpec | PreferenceOptimizationSpec | PolicyOptimizationSpec;
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
  /** Of `dpo`: modules with a low-rank adapter of rank 16. */
  readonly adapter: readonly string[];
  /** Of `grpo`: completions of a prompt, and tokens of each. */
  readonly samples: number;
  readonly newTokens: number;
  readonly output: string;
}
