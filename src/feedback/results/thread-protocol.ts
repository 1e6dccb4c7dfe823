import type { StatisticName } from './statistics/compute.js';

/** What the thread of statistics is sent: the parts of a request, lists in several messages, then its end. */
export type ToStatisticsThread =
  | { readonly kind: 'rows'; readonly field: string; readonly rows: readonly unknown[] }
  | { readonly kind: 'compute'; readonly name: StatisticName; readonly rest: object };

/** What it answers a request with. */
export type FromStatisticsThread =
  | { readonly kind: 'done'; readonly result: unknown }
  /** The request was wrong: a StatisticsError. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | null };
