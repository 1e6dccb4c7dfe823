import { createRandom } from './random.js';

/** A word of the seed: it keeps the seeds of prompts apart from other random numbers. */
const stream = 0x70726d70;

/**
 * The seed of the answers that a job writes to one of its prompts. With one seed for all of them, the noise of
 * sampling would be the same in each: their answers would begin alike, and no statistics over prompts would hold.
 *
 * @param seed that of the settings
 * @param of number of the prompt's row in the dataset version, and place of the model among those of the job
 * @returns an integer from 0 to 2³² − 1, with which `generate` writes the same answers
 */
export function promptSeed(seed: number, { row, variant }: { readonly row: number; readonly variant: number }): number {
  return createRandom(seed, stream, variant, row)();
}
