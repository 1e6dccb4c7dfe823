import { cos, ln } from '../portable-math.js';
import { type Random, uniform } from './random.js';

/**
 * The next normal number of mean 0 and this deviation, by the cosine branch of Box and Muller's method: the same bits
 * on every version of Node.
 */
export function normalOf(random: Random, deviation: number): number {
  return deviation * Math.sqrt(-2 * ln(1 - uniform(random))) * cos(2 * Math.PI * uniform(random));
}
