import type { StopReason } from './thread-protocol.js';

/**
 * Shared memory of one job: main's wish to stop, and the thread's signs of life. A message would not do: a training step blocks
 * its thread, and a wish must be seen between two steps without a turn of the event loop. Each job has its own, so that a late
 * wish cannot stop the next one.
 */
const wishIndex = 0;
const beatsIndex = 1;

const reasons: readonly (StopReason | null)[] = [null, 'pause', 'shutdown', 'cancel', 'abandon'];

export function createJobControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** Main's side. */
export interface StopSwitch {
  /** A stronger wish replaces a weaker one (pause < shutdown < cancel < abandon), never the other way round. */
  request(reason: StopReason): void;
  /** Takes a pause back, when the user resumes before the thread has seen it. */
  withdrawPause(): void;
  /** Signs of life so far. Wraps at 2³¹: compare for inequality only. */
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

/** The thread's side. */
export interface StopFlag {
  /** Read between steps. */
  requested(): StopReason | null;
  /**
   * A sign of life: after every training step, validation batch and chunk of preparation. A thread without one for
   * 10 × the median interval, and at least 2 minutes, is taken for stuck.
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
