/** How far a transfer of files is. */
export interface TransferProgress {
  /** The file that moves now. */
  readonly file: string;
  /** Of all files together. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Called with the progress of a transfer. May throw, to end the transfer. */
export type OnProgress = (progress: TransferProgress) => void;

/** Counts the bytes of a transfer and reports them, at most ten times a second and at least once. */
export interface TransferMeter {
  expect(bytes: number): void;
  advance(file: string, bytes: number): void;
  /** Aborted with what `onProgress` threw while nothing moved. */
  readonly signal: AbortSignal;
}

const reportEveryMs = 100;
const silenceMs = 500;

/**
 * Runs a transfer that gives signs of life also while it waits, and that ends when it is no longer wanted: `onProgress`
 * is called as bytes move, and every half second in any case. An error that it throws aborts the signal, and the call
 * rejects with that error.
 */
export async function withProgress<T>(
  onProgress: OnProgress,
  transfer: (meter: TransferMeter) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let progress: TransferProgress = { file: '', bytesDone: 0, bytesTotal: 0 };
  let reportedAt = 0;
  const report = () => {
    reportedAt = performance.now();
    onProgress(progress);
  };
  const timer = setInterval(() => {
    try {
      report();
    } catch (error) {
      clearInterval(timer);
      controller.abort(error);
    }
  }, silenceMs);
  try {
    return await transfer({
      signal: controller.signal,
      expect: (bytes) => {
        progress = { ...progress, bytesTotal: progress.bytesTotal + bytes };
      },
      advance: (file, bytes) => {
        controller.signal.throwIfAborted();
        progress = { ...progress, file, bytesDone: progress.bytesDone + bytes };
        if (performance.now() - reportedAt >= reportEveryMs || progress.bytesDone === progress.bytesTotal) report();
      },
    });
  } finally {
    clearInterval(timer);
  }
}
