import { type Child, startChild } from '../child.js';

export interface WriterQuestion {
  readonly databaseUrl: string;
  /** The root of an artifact store, of which metrics need nothing. */
  readonly artifacts: string;
  readonly runIds: readonly string[];
  readonly seconds: number;
  /** Steps of each run a second; or a number of them at once; or as many as go. */
  readonly pace: { readonly perSecond: number } | { readonly events: number } | { readonly flood: true };
}

export interface Written {
  readonly events: number;
  readonly points: number;
  /** On the shared clock. */
  readonly beganAt: number;
  /** Until the last event was committed. */
  readonly elapsedSeconds: number;
}

/** Writes for one database. */
export function startWriter(): Child<WriterQuestion, Written> {
  return startChild('live/writer');
}
