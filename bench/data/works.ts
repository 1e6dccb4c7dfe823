import type { SideResult, WorkName } from './settings.js';

/** What is measured, at its full size. */
export interface Work {
  readonly name: Exclude<WorkName, 'prepare'>;
  readonly title: string;
  /** What is asked for in words, and the ratio of times of both sides; null: there is no other side. */
  readonly goal: string;
  readonly ratio: number | null;
  /** The Python script that does the same, and what it is called; null: there is none. */
  readonly peer: { readonly script: string; readonly name: string } | null;
  readonly rows: number;
  readonly rounds: number;
}

export const works: readonly Work[] = [
  {
    name: 'report',
    title: 'CSV: ingest, split, report without near duplicates',
    goal: '≤ 2 GiB; ≥ 3 × pandas',
    ratio: 3,
    peer: { script: 'report.py', name: 'pandas' },
    rows: 5_000_000,
    rounds: 1,
  },
  {
    name: 'exact',
    title: 'exact deduplication, from Parquet to Parquet',
    goal: '≥ 2 × datasets',
    ratio: 2,
    peer: { script: 'exact_duplicates.py', name: 'datasets' },
    rows: 5_000_000,
    rounds: 1,
  },
  {
    name: 'near',
    title: 'near deduplication of texts of 50 words',
    goal: '≥ 2 × text-dedup, equal pairs',
    ratio: 2,
    peer: { script: 'near_duplicates.py', name: 'text-dedup' },
    rows: 1_000_000,
    rounds: 1,
  },
  {
    name: 'personal',
    title: 'scan of texts for personal data',
    goal: '≥ 5 × presidio',
    ratio: 5,
    peer: { script: 'personal_data.py', name: 'presidio' },
    rows: 1_000_000,
    rounds: 3,
  },
  {
    name: 'preview',
    title: 'preview of a recipe of five steps',
    goal: 'p95 < 2 s',
    ratio: null,
    peer: null,
    rows: 1_000_000,
    rounds: 1,
  },
];

/** The time of a work: of its search alone, where both sides measure that apart from reading the file. */
export function secondsOf({ seconds, figures }: SideResult): number {
  const search = figures?.searchSeconds;
  return typeof search === 'number' ? search : seconds;
}

export function processorSecondsOf({ processorSeconds, figures }: SideResult): number {
  const search = figures?.searchProcessorSeconds;
  return typeof search === 'number' ? search : processorSeconds;
}

/** The 95th percentile: of 20 values, all but one are at most that. */
export function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1]!;
}
