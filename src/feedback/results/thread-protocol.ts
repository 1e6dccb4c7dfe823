import type { InputProblem } from '../../problems/problem.js';
import type { StatisticName } from './statistics/compute.js';

/** What the thread of statistics is sent: lists of a request in several messages, then its end; then who waits. */
export type ToStatisticsThread =
  | { readonly kind: 'rows'; readonly field: string; readonly rows: readonly unknown[] }
  | { readonly kind: 'compute'; readonly name: StatisticName; readonly settings: object }
  /** The next part of the result can come. */
  | { readonly kind: 'next' };

/** What it answers a request with: lists of a result in several parts, each once it is asked for, then the rest. */
export type FromStatisticsThread =
  | { readonly kind: 'part'; readonly field: string; readonly rows: readonly unknown[] }
  /** @param isList the result is the list of the parts of the field `list` */
  | { readonly kind: 'done'; readonly result: unknown; readonly isList: boolean }
  /** The request was wrong, or is too large. */
  | { readonly kind: 'refused'; readonly problem: InputProblem }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | null };
