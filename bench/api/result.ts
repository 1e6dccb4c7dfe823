import { median } from '../statistics.js';

/** What a work measured, in words: a line of the table of goals, and a table of its own. */
export interface Result {
  readonly goals: readonly Goal[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences under the table. */
  readonly notes?: readonly string[];
}

export interface Goal {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean;
}

/** A goal of what the rounds measured each: their median counts. */
export function atLeast(text: string, least: number, rounds: readonly number[], unit = ''): Goal {
  return { text, measured: spread(rounds, unit), met: median(rounds) >= least };
}

export function under(text: string, limit: number, rounds: readonly number[], unit = ''): Goal {
  return { text, measured: spread(rounds, unit), met: median(rounds) < limit };
}

/** Ratios of rounds that were measured one directly after the other. */
export function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.map((value, round) => value / others[round]!);
}

/** The median, with the least and the greatest. */
export function spread(rounds: readonly number[], unit = ''): string {
  const range = rounds.length === 1 ? '' : ` (${short(Math.min(...rounds))}–${short(Math.max(...rounds))})`;
  return `${short(median(rounds))}${unit === '' ? '' : ` ${unit}`}${range}`;
}

/** Three digits, or all of those before the point. */
export function short(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(4, digits) });
}
