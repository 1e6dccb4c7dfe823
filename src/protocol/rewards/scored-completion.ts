import type { Prompt } from '../generation.js';

/** What a model wrote to a prompt, to be scored. */
export interface Completion {
  readonly prompt: Prompt;
  /** What was written, without the prompt. */
  readonly text: string;
  /** Tokens that were written, the one that ends a text not among them. */
  readonly tokenCount: number;
  /** Columns of the prompt's row as texts; null where a cell is empty. */
  readonly row: Readonly<Record<string, string | null>>;
}
