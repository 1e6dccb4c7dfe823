/** Numbers below 1 in [0, 1) from a seed (mulberry32), so that a planted text is the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export type Random = () => number;

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

export const pick = <Item>(random: Random, items: readonly Item[] | string): Item =>
  items[below(random, items.length)] as Item;

export const drawn = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => pick<string>(random, alphabet)).join('');

export const digits = (random: Random, length: number): string => drawn(random, '0123456789', length);

export const letters = (random: Random, length: number): string => drawn(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', length);

const two = (value: number): string => String(value).padStart(2, '0');

/** A day of the years 1954 to 1999. */
export function birthday(random: Random): { yy: string; mm: string; dd: string } {
  return { yy: String(54 + below(random, 46)), mm: two(1 + below(random, 12)), dd: two(1 + below(random, 28)) };
}
