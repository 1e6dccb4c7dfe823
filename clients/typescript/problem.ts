/** What is wrong with an input. Documents select at least these four fields of it. */
export interface Problem {
  /** Leads into the input, with positions of lists as digits. Empty: the request as a whole. */
  readonly path: readonly string[];
  /** For programs. New ones may come: have a default branch. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  readonly hint: string | null;
}
