import type { Readable } from 'node:stream';

/** A request's body stopped arriving, or took too long altogether. */
export class BodyTimeoutError extends Error {
  override readonly name = 'BodyTimeoutError';

  constructor() {
    super('The body of a request did not arrive in time.');
  }
}

/**
 * The body's chunks, as long as they keep coming; ends with BodyTimeoutError. Only the client's time counts: while nobody asks for
 * the next chunk, no clock runs but that of the whole. The request itself stays open, for its answer.
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
    // When the clock was faster, the connection is closed soon: nobody will hear what that makes of the chunk.
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
