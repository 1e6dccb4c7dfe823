import type { Wake } from '../events/wake.js';
import { messageOf } from '../protocol/message-of.js';
import { advanceLoop } from './advance.js';
import { claimDueLoop, keepLoops, releaseLoop } from './claim-due-loop.js';
import type { LoopTools } from './steps/step.js';

/** Steps that one process takes at once: each is a few statements, but for posteriors, which take minutes. */
const maxInFlight = 4;

/** Takes the steps of feedback loops that are due. Any number of servers may do so at once. */
export interface LoopDriver {
  /** Takes no more steps, and waits for those that are being taken. */
  close(): Promise<void>;
}

export function startLoopDriver(options: {
  readonly tools: LoopTools;
  /** Fired when steps may have become due. */
  readonly due: Wake;
  /** How long a lost notification, or the next try of a step, can go unnoticed. */
  readonly pollIntervalMs: number;
  /**
   * After so long without a sign of life another process takes a step again. If this one goes on all the same, one of
   * the two writes nothing. Longer than a poll.
   */
  readonly leaseSeconds: number;
  readonly log: (message: string) => void;
}): LoopDriver {
  const { tools, due, pollIntervalMs, leaseSeconds, log } = options;
  const underWay = new Map<string, Promise<void>>();
  const closing = new AbortController();
  const timer = setInterval(() => {
    keepLoops(tools.query, leaseSeconds, [...underWay.keys()]).catch((error: unknown) =>
      log(`Keeping feedback loops failed: ${messageOf(error)}`),
    );
    due.all();
  }, pollIntervalMs);
  timer.unref();

  const take = async (id: string): Promise<void> => {
    try {
      await releaseLoop(tools.query, id, await advanceLoop(tools, id, log));
    } catch (error) {
      log(`A step of the feedback loop ${id} could not be taken: ${messageOf(error)}`);
    }
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // Registered before the claim, so that steps which become due during the claim are not missed.
      const next = due.next(closing.signal);
      try {
        while (underWay.size < maxInFlight && !closing.signal.aborted) {
          const id = await claimDueLoop(tools.query, leaseSeconds, [...underWay.keys()]);
          if (id === null) break;
          const step = take(id).finally(() => {
            underWay.delete(id);
            due.all();
          });
          underWay.set(id, step);
        }
      } catch (error) {
        log(`Claiming feedback loops failed: ${messageOf(error)}`);
      }
      await next;
    }
  };
  const running = run();

  return {
    async close() {
      clearInterval(timer);
      closing.abort();
      await running;
      await Promise.all(underWay.values());
    },
  };
}
