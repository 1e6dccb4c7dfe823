import { type Batched, batched } from '../events/batched.js';
import type { Query } from '../protocol/sql/query.js';

/** How long a generation is wanted after its listeners were last seen. */
export const listenerGraceSeconds = 10;

/** How long a generation waits for its first listener. */
export const firstListenerSeconds = 30;

/** Several times in the grace, so that a write may fail or be late. */
const intervalMs = 3_000;

/** The generations that somebody listens to through this process. */
export interface Listeners {
  /** Somebody listens from now on, until the returned function is called. */
  listen(generationId: string): () => void;
  /** Somebody has just asked how far the generation is, and may ask again. */
  seen(generationId: string): Promise<void>;
  close(): void;
}

/**
 * Writes into the rows of generations until when somebody listens: several API processes do so for the listeners of
 * each, and the worker, or its claim, judges by the database's clock.
 */
export function createListeners(query: Query, log: (message: string) => void): Listeners {
  const counts = new Map<string, number>();

  const extend = (generationIds: readonly string[]): Promise<void> =>
    query(
      `UPDATE generations
          SET listened_until = greatest(listened_until, now() + make_interval(secs => $2))
        WHERE id = ANY($1::uuid[]) AND listened_until IS NOT NULL AND status IN ('QUEUED', 'RUNNING')`,
      [generationIds, listenerGraceSeconds],
    ).then(
      () => undefined,
      (error: unknown) => log(`Noting who listens to generations failed: ${String(error)}`),
    );
  const timer = setInterval(() => {
    if (counts.size > 0) void extend([...counts.keys()]);
  }, intervalMs);
  timer.unref();

  return {
    listen(generationId) {
      counts.set(generationId, (counts.get(generationId) ?? 0) + 1);
      void extend([generationId]);
      let listening = true;
      return () => {
        if (!listening) return;
        listening = false;
        const left = (counts.get(generationId) ?? 1) - 1;
        if (left === 0) counts.delete(generationId);
        else counts.set(generationId, left);
      };
    },
    seen: (generationId) => extend([generationId]),
    close: () => clearInterval(timer),
  };
}

/** The events, with a listener as long as they are consumed. */
export function whileListening<Value>(values: Batched<Value>, listen: () => () => void): Batched<Value> {
  const leave = listen();
  return batched({
    take(most, wake) {
      try {
        const taken = values.take(most, wake);
        if (taken === 'ended') leave();
        return taken;
      } catch (error) {
        leave();
        throw error;
      }
    },
    end() {
      leave();
      return values.end();
    },
  });
}
