import { z } from 'zod';
import type { HeadsSpec } from '../../src/protocol/methods/index.js';
import type { Budget } from './scale.js';
import type { WorkTask } from './works.js';

/** The JSON file that tells one side what to do: attune.ts and opponent.py read what they need of it. */
export interface SideSettings {
  readonly threads: number;
  readonly seed: number;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  readonly tasks: readonly (WorkTask & { readonly labels: readonly string[] })[];
  /** Where the side writes its `SideResult`. */
  readonly result: string;
  /** Attune's: the root of its artifact store, and what is in there. */
  readonly store: string;
  readonly spec: HeadsSpec;
  /** The other side's: a folder, a file of JSON lines, and how to train. */
  readonly model: string;
  readonly rows: string;
  readonly budget: Budget;
}

/** One training on one side. */
export const SideResult = z.object({
  /**
   * Of the training: from reading the data to the trained model, with an evaluation of the validation split after each
   * epoch.
   */
  seconds: z.number(),
  /** User and system time of the process meanwhile. */
  processorSeconds: z.number(),
  /** On the test split, by task and by measure (measures.ts). */
  scores: z.record(z.string(), z.record(z.string(), z.number())),
});
export type SideResult = z.infer<typeof SideResult>;
