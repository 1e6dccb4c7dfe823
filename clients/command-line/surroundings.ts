import type { Readable, Writable } from 'node:stream';

/** What a command has around it: in the process, its own; in tests, theirs. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Where settings lie if no variable of the environment says so. */
  readonly homeFolder: string;
  /** Aborted with InterruptedError. */
  readonly signal: AbortSignal;
}
