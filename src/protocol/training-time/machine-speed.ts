import { z } from 'zod';

/**
 * How fast a machine trains, in terms of the machine that the costs of costs.ts were measured on: of 2, it takes half
 * as long.
 */
export const MachineSpeed = z.object({
  /** Of graphs, on all threads of the engine together; the other machine had one. */
  engine: z.number().positive(),
  /** Of what runs in one thread: tokenization, the making of graphs, optimizer updates, files. */
  script: z.number().positive(),
});
export type MachineSpeed = z.infer<typeof MachineSpeed>;

/** Of engine threads beside the first: memory and caches are shared. */
const shareOfFurtherThreads = 0.85;

/** The speed of a machine of which only the number of its processors is known. */
export function guessSpeed(processors: number): MachineSpeed {
  return { engine: 1 + shareOfFurtherThreads * (processors - 1), script: 1 };
}
