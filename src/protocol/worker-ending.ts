import { z } from 'zod';

/** How a worker's process ended, as far as somebody saw it. Null in its row: nobody did, or it has not. */
export const WorkerEnding = z.discriminatedUnion('kind', [
  /** Its own: a thread gave no sign of life, and only the end of the process ends such a thread. */
  z.object({ kind: z.literal('stalled'), silenceMs: z.number().min(0) }),
  /** Seen by the process that started it. */
  z.object({ kind: z.literal('signal'), signal: z.string() }),
  z.object({ kind: z.literal('exit'), code: z.number().int() }),
]);
export type WorkerEnding = z.infer<typeof WorkerEnding>;
