import { RunStopped } from './run-stopped.js';
import type { JobContext } from './thread-port.js';

/**
 * For places where stopping loses nothing that a checkpoint could keep: gives a sign of life, and leaves the job on any
 * request to stop.
 */
export function beatOrLeave(context: JobContext): void {
  context.beat();
  const wish = context.requested();
  if (wish !== null) throw new RunStopped(wish);
}

/**
 * For places where a pause or shutdown can wait for the next checkpoint: gives a sign of life, and leaves the job only
 * when nothing needs to be kept.
 */
export function beatOrCancel(context: JobContext): void {
  context.beat();
  const wish = context.requested();
  if (wish === 'cancel' || wish === 'abandon') throw new RunStopped(wish);
}
