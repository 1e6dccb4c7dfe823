import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';

const lookIntervalMs = 200;

/** Signs of life for a job, and its end when it is to stop. */
export interface StopsWork {
  /** Aborted, by RunStopped, when the job is to stop: statements that run are interrupted. */
  readonly signal: () => AbortSignal;
  /** For loops that compute. Throws RunStopped when the job is to stop. */
  beat(): void;
  /** To be called at the end of the job. */
  end(): void;
}

/** While a statement runs in DuckDB's threads, a timer gives the signs of life and looks for wishes. */
export function stopsWork(context: JobContext): StopsWork {
  const ending = new AbortController();
  const look = (): void => {
    try {
      beatOrLeave(context);
    } catch (error) {
      ending.abort(error);
    }
  };
  const timer = setInterval(look, lookIntervalMs);
  return {
    signal: () => ending.signal,
    beat() {
      look();
      ending.signal.throwIfAborted();
    },
    end: () => clearInterval(timer),
  };
}
