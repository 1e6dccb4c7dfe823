import { setTimeout as delay } from 'node:timers/promises';
import { StorageError } from '../../src/storage/storage-error.js';
import { RunStopped } from '../run-stopped.js';
import type { JobContext } from '../thread-port.js';

/** A try may write gigabytes before it finds the disk full again, so tries become rarer. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** How soon a request to stop is followed. */
const lookEveryMs = 250;

/**
 * Writes, and waits while the disk is full: what was computed so far is worth more than the wait. The run's log says
 * so once, the worker's log at every try.
 *
 * Throws RunStopped at any request to stop. A pause or shutdown has no checkpoint to write then: the next attempt goes
 * on from the one before.
 * @param what in words, e.g. `the checkpoint of step 20`
 */
export async function whenThereIsSpace<Result>(
  context: JobContext,
  what: string,
  write: () => Promise<Result>,
): Promise<Result> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      const written = await write();
      if (pauseMs > firstPauseMs) await tell(context, 'INFO', `There is space again: ${what} is written`);
      return written;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'DISK_FULL') throw error;
      const message = `The disk is full: the run waits to write ${what}. Make room where ATTUNE_HOME lies; the run goes on by itself`;
      if (pauseMs === firstPauseMs) await tell(context, 'WARNING', message);
      context.log('warn', message);
      await waitFor(pauseMs, context);
    }
  }
}

async function waitFor(pauseMs: number, context: JobContext): Promise<void> {
  for (let leftMs = pauseMs; leftMs > 0; leftMs -= lookEveryMs) {
    context.beat();
    const wish = context.requested();
    if (wish !== null) throw new RunStopped(wish);
    await delay(Math.min(lookEveryMs, leftMs));
  }
}

function tell(context: JobContext, level: 'INFO' | 'WARNING', message: string): Promise<void> {
  return context.events([{ kind: 'logLine', level, message }]);
}
