import type { StopReason } from './thread-protocol.js';

/**
 * Shared memory of one job: the main thread's request to stop, and the job thread's signs of life. A message would not
 * do, because a training step blocks its thread, and a request must be seen between two steps without a turn of the
 * event loop. Each job has its own memory, so that a late request can't stop the next job.
 */
const wishIndex = 0;
const beatsIndex = 1;

const reasons: readonly (StopReason | null)[] = [null, 'pause', 'shutdown', 'cancel', 'abandon'];

export function createJobControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** The main thread's side. */
export interface StopSwitch {
  /**
   * Requests a stop. A stronger reason replaces a weaker one (pause < shutdown < cancel < abandon), never the reverse.
   */
  request(reason: StopReason): void;
  /** Withdraws a pause, when the user resumes before the thread has seen it. */
  withdrawPause(): void;
  /** The count of signs of life. It wraps at 2³¹, so compare only for inequality. */
  beats(): number;
}

export function stopSwitch(control: SharedArrayBuffer): StopSwitch {
  const cells = new Int32Array(control);
  return {
    request(reason) {
      const wish = reasons.indexOf(reason);
      if (wish > Atomics.load(cells, wishIndex)) Atomics.store(cells, wishIndex, wish);
    },
    withdrawPause() {
      Atomics.compareExchange(cells, wishIndex, reasons.indexOf('pause'), 0);
    },
    beats: () => Atomics.load(cells, beatsIndex),
  };
}

/** The job thread's side. */
export interface StopFlag {
  /** The requested stop, read between steps; null: none. */
  requested(): StopReason | null;
  /**
   * Gives a sign of life: after every training step, validation batch and chunk of preparation. A thread without one
   * for 10 × the median interval, and at least 2 minutes, counts as stuck.
   */
  beat(): void;
}

export function stopFlag(control: SharedArrayBuffer): StopFlag {
  const cells = new Int32Array(control);
  return {
    requested: () => reasons[Atomics.load(cells, wishIndex)] ?? null,
    beat() {
      Atomics.add(cells, beatsIndex, 1);
    },
  };
}
