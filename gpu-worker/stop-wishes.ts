import { RunStopped } from './run-stopped.js';
import type { JobContext } from './thread-port.js';

/** Where stopping loses nothing that a checkpoint could keep: a sign of life, and out on any wish. */
export function beatOrLeave(context: JobContext): void {
  context.beat();
  const wish = context.requested();
  if (wish !== null) throw new RunStopped(wish);
}

/** Where a pause or shutdown can wait for the next checkpoint: a sign of life, and out when there is nothing to be kept. */
export function beatOrCancel(context: JobContext): void {
  context.beat();
  const wish = context.requested();
  if (wish === 'cancel' || wish === 'abandon') throw new RunStopped(wish);
}
