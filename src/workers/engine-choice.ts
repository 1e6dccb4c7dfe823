/** The choice of a worker's engine, as the worker stores it in `workers.engine` and `run_attempts.engine`. */
export interface StoredEngineChoice {
  readonly target: string;
  readonly reason: string;
  readonly rejected: readonly { readonly target: string; readonly reason: string }[];
  readonly threads: number;
  readonly version: string;
}
