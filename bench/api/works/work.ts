import type { Databases } from '../database.js';
import type { Load } from '../load/load.js';
import type { Result } from '../result.js';
import type { settings } from '../settings.js';

/** What all works measure with. */
export interface Bench extends Pick<typeof settings, 'rounds' | 'seconds' | 'python' | 'isToy' | 'peers' | 'share'> {
  readonly databases: Databases;
  readonly load: Load;
  log(line: string): void;
}

/** A line of the goals' table, measured alone. */
export interface Work {
  /** For ATTUNE_BENCH_ONLY. */
  readonly name: string;
  readonly title: string;
  measure(bench: Bench): Promise<Result>;
}

/** As many rows as the share of them that is asked for, at least a hundred. */
export function sized({ share }: Pick<Bench, 'share'>, count: number): number {
  return Math.max(Math.min(count, 100), Math.round(count * share));
}
