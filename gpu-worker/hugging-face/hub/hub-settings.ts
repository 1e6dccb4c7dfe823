export interface HubSettings {
  /** `https://huggingface.co`, or a mirror. */
  readonly endpoint: string;
  readonly token: string | null;
  /** How many milliseconds to wait before the n-th repetition (from 0); null: no further repetition. */
  readonly retryDelayMs?: (repetition: number) => number | null;
  /** After this many milliseconds without a byte, a connection counts as broken. */
  readonly stallMs?: number;
  /** The longest wait, in milliseconds, that the hub may ask for. Default: a minute. */
  readonly longestWaitMs?: number;
  /** Whether downloaded files outlast a failure, so that another try goes on from them. Default: they do. */
  readonly keepsFiles?: boolean;
}
