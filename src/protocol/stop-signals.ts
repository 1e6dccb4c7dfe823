/**
 * npm hands on a Ctrl-C that the terminal has already sent to the whole process group, so one key press arrives twice;
 * a user who presses it again takes longer.
 */
const repeatAfterMs = 500;

/** Calls `onStop` at the first SIGINT or SIGTERM, and `onInsist` when another one comes later. */
export function onStopSignals(handlers: {
  readonly onStop: (signal: NodeJS.Signals) => void;
  readonly onInsist: () => void;
}): void {
  let firstAt: number | null = null;
  const handle = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      handlers.onStop(signal);
    } else if (now - firstAt > repeatAfterMs) {
      handlers.onInsist();
    }
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}
