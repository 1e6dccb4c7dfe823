import type { StopReason } from './thread-protocol.js';

/** Thrown to leave a job that was requested to stop, wherever there is nothing left to save. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`stopped: ${reason}`);
    this.reason = reason;
  }
}
