const [minute, hour] = [60, 3600];

/**
 * Seconds before the second attempt, the third, and so on. A delivery has one attempt more than there are delays,
 * spread over a day and a half.
 */
export const retryDelaysSeconds: readonly number[] = [
  5,
  30,
  2 * minute,
  10 * minute,
  hour,
  3 * hour,
  8 * hour,
  24 * hour,
];

/**
 * A webhook without any success for this long is disabled, if it also has `disableAfterFailures` failed attempts in a
 * row.
 */
export const disableAfterSeconds = 5 * 24 * hour;
export const disableAfterFailures = 10;

/** Each delay varies by this share up or down, so that deliveries which failed together are not repeated together. */
const jitter = 0.2;

/**
 * Seconds from the `failures`-th failed attempt to the next one; null: no attempt follows.
 * @param random from 0 to 1
 */
export function retryDelay(failures: number, random: number, delays = retryDelaysSeconds): number | null {
  const delay = delays[failures - 1];
  return delay === undefined ? null : delay * (1 - jitter + 2 * jitter * random);
}
