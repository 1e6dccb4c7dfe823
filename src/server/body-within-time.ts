import type { Readable } from 'node:stream';

/** The body of a request stopped arriving, or took too long as a whole. */
export class BodyTimeoutError extends Error {
  override readonly name = 'BodyTimeoutError';

  constructor() {
    super('The body of a request did not arrive in time.');
  }
}

/**
 * The chunks of a body, as long as they keep coming; throws BodyTimeoutError when they stop. The idle limit counts only
 * the client's time: it runs only while the consumer waits for a chunk. The limit for the whole body runs always. The
 * request itself stays open for its answer.
 */
export async function* withinTime(
  body: Readable,
  { maxIdleMs, maxDurationMs }: { readonly maxIdleMs: number; readonly maxDurationMs: number },
): AsyncGenerator<Uint8Array> {
  const endsAt = performance.now() + maxDurationMs;
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  while (true) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const waitMs = Math.max(0, Math.min(maxIdleMs, endsAt - performance.now()));
      timer = setTimeout(() => reject(new BodyTimeoutError()), waitMs);
    });
    const next = chunks.next();
    // After a timeout the connection is closed, and nobody awaits this chunk: its error must not count as unhandled.
    next.catch(() => undefined);
    try {
      const { done, value } = await Promise.race([next, late]);
      if (done === true) return;
      yield value;
    } finally {
      clearTimeout(timer);
    }
  }
}
