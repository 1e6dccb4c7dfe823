/** Several scrapers, or a hasty one, ask the database once in this time. */
const freshForMs = 2_000;
/** A scrape waits no longer for the database: Prometheus gives it 10 s for all of the process's metrics. */
const deadlineMs = 1_000;

/**
 * A read for all who scrape: it runs once at a time, and its outcome is fresh for a while. A slow one is not waited for
 * beyond a second, and is not begun again before it has ended, so that it holds one connection however many scrape.
 * @param onFailed told once of a read that failed, or that was not waited for
 * @returns what the call gives: null where the read failed or took too long
 */
export function readForScrapes<Result>(
  read: () => Promise<Result>,
  onFailed: (error: unknown) => void,
  now: () => number,
): () => Promise<Result | null> {
  let running: Promise<Result> | null = null;
  let last: { readonly at: number; readonly result: Promise<Result | null> } | null = null;
  return () => {
    if (last !== null && now() - last.at < freshForMs) return last.result;
    running ??= read().finally(() => {
      running = null;
    });
    const result = withinDeadline(running).catch((error: unknown) => {
      onFailed(error);
      return null;
    });
    last = { at: now(), result };
    return result;
  };
}

async function withinDeadline<Result>(running: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The database did not answer within ${deadlineMs} ms.`)), deadlineMs);
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
