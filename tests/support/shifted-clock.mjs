// @ts-check
// Loaded before a program (`node --import`): its Date is ATTUNE_TEST_CLOCK_SHIFT_MS milliseconds off, and jumps an hour
// forward at SIGUSR2. Timers and performance.now() stay as they are, as they do when a system's clock is set.
import { isMainThread } from 'node:worker_threads';

const RealDate = Date;
let shiftMs = Number(process.env.ATTUNE_TEST_CLOCK_SHIFT_MS ?? 0);
if (isMainThread) {
  process.on('SIGUSR2', () => {
    shiftMs += 3_600_000;
  });
}

class ShiftedDate extends RealDate {
  /** @param {any[]} parts */
  constructor(...parts) {
    // @ts-expect-error The parts are those of a Date.
    super(...(parts.length === 0 ? [RealDate.now() + shiftMs] : parts));
  }
  /** @override */
  static now() {
    return RealDate.now() + shiftMs;
  }
}
globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (ShiftedDate));
