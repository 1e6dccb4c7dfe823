import type { FromThread, NewCheckpoint, ReachedStatus, ReportedEvent } from '../thread-protocol.js';

/** The reports of a training thread that the database stores. */
export type Report = Extract<FromThread, { readonly kind: 'events' | 'status' | 'checkpoint' | 'wentBack' }>;

/** The reports for one transaction, in order. `reports`: how many of the thread's messages the batch covers. */
export type Batch =
  | { readonly kind: 'events'; readonly events: readonly ReportedEvent[]; readonly reports: number }
  | { readonly kind: 'status'; readonly to: ReachedStatus; readonly reason: string | null; readonly reports: 1 }
  | { readonly kind: 'checkpoint'; readonly checkpoint: NewCheckpoint; readonly reports: 1 }
  | { readonly kind: 'wentBack'; readonly step: number; readonly reports: 1 };

/**
 * The next batch: as many consecutive events as possible, up to about `maxEvents` (a message is not split), or the next
 * single report of another kind. The order is kept, so a checkpoint comes after all events reported before it.
 * Null for an empty queue.
 */
export function nextBatch(queue: readonly Report[], maxEvents: number): Batch | null {
  const [first] = queue;
  if (first === undefined) return null;
  if (first.kind === 'status') return { kind: 'status', to: first.to, reason: first.reason, reports: 1 };
  if (first.kind === 'checkpoint') return { kind: 'checkpoint', checkpoint: first.checkpoint, reports: 1 };
  if (first.kind === 'wentBack') return { kind: 'wentBack', step: first.step, reports: 1 };
  const events: ReportedEvent[] = [];
  let reports = 0;
  for (const report of queue) {
    if (report.kind !== 'events' || (reports > 0 && events.length + report.events.length > maxEvents)) break;
    events.push(...report.events);
    reports += 1;
  }
  return { kind: 'events', events, reports };
}

/** How long events wait at most to be written together. */
const longestPauseMs = 100;

/**
 * Milliseconds from the start of one write to that of the next, unless a batch is due before. Whoever reports seldom is
 * written at once. Whoever reports more often than writes take is written in batches: writes that take up to 25 ms have
 * a quarter of the time, so that the training keeps its processors. Slower ones have more, up to all of it from 100 ms
 * on, as events do not wait for longer: what such a write takes is mostly waiting for the database.
 * @param writeMs what the last write took
 */
export function pauseBetween(writeMs: number): number {
  return Math.min(longestPauseMs, 4 * writeMs);
}

/** Whether the next batch should be written at once: it is full, or a report of another kind follows. */
export function isDue(queue: readonly Report[], maxEvents: number): boolean {
  let events = 0;
  for (const report of queue) {
    if (report.kind !== 'events') return true;
    events += report.events.length;
    if (events >= maxEvents) return true;
  }
  return false;
}
