/**
 * Reads the keys of a configuration file of transformers, with transformers' own defaults for those that are absent,
 * and collects what is wrong with all of them instead of stopping at the first.
 */
export interface ConfigKeys {
  /** A whole number from 1 to `largest`: lists of that length are made later, and the limit bounds them. */
  size(key: string, absent: number, largest?: number): number;
  /** The same, or null where the key holds null. */
  sizeOrNone(key: string, absent: number): number | null;
  /** A whole number from 1 as `size` has it, or null where the key is absent, holds null or a number below 1. */
  sizeFromOne(key: string): number | null;
  /** A row of a table: a whole number from 0 to the last row of the largest table. */
  index(key: string, absent: number): number;
  /** A number above 0, at most 1: it is added to a divisor, to keep that from zero. */
  epsilon(key: string, absent: number): number;
  /** A number above 0; null counts as absent. */
  positive(key: string, absent: number): number;
  /** A number of at least 1, which must be there. */
  atLeastOne(key: string): number;
  /** Any number; null where the key is absent or holds null. */
  nullable(key: string): number | null;
  /** A truth value; null counts as absent. */
  truth(key: string, absent: boolean): boolean;
  /** A table of further keys; null where the key is absent or holds null. */
  object(key: string): Readonly<Record<string, unknown>> | null;
  /** A probability below 1; null counts as absent. */
  rate(key: string, absent: number): number;
  /** What `table` has for the word that the key holds. */
  word<T>(key: string, absent: string, table: ReadonlyMap<string, T>): T;
  /** What `table` has for each word of a list of that length; null where the key is absent or holds null. */
  words<T>(key: string, length: number, table: ReadonlyMap<string, T>): T[] | null;
  /** Which of `allowed` the key names, in a list or in one text with | between; none where it is absent or null. */
  flags<T extends string>(key: string, allowed: readonly T[]): ReadonlySet<T>;
  /** Refuses a value that is not among `allowed`; an absent key always passes. @param supported says what is allowed */
  only(key: string, allowed: readonly unknown[], supported: string): void;
  /** What is wrong, one line for each key. */
  readonly findings: string[];
}

/** Characters of a value that a message shows. */
const mostShown = 200;

/** No table of a model has more rows or columns. */
const largestSize = 2 ** 24;

export function configKeys(config: Readonly<Record<string, unknown>>): ConfigKeys {
  const findings: string[] = [];

  function number(key: string, absent: number, supported: string, fits: (value: number) => boolean): number {
    const value = config[key] ?? absent;
    if (typeof value === 'number' && fits(value)) return value;
    findings.push(`${key} is ${shown(value)}; supported: ${supported}`);
    return absent;
  }

  return {
    findings,
    size: (key, absent, largest = largestSize) =>
      number(key, absent, `a whole number from 1 to ${largest}`, (value) => isWhole(value, 1, largest)),
    sizeOrNone: (key, absent) =>
      config[key] === null
        ? null
        : number(key, absent, `a whole number from 1 to ${largestSize}`, (value) => isWhole(value, 1, largestSize)),
    sizeFromOne: (key) => {
      const value = config[key] ?? -1;
      if (typeof value === 'number' && value < 1) return null;
      return number(key, 1, `a whole number to ${largestSize}`, (one) => isWhole(one, 1, largestSize));
    },
    index: (key, absent) =>
      number(key, absent, `a whole number from 0 to ${largestSize - 1}`, (value) => isWhole(value, 0, largestSize - 1)),
    epsilon: (key, absent) => number(key, absent, 'a number above 0, at most 1', (value) => value > 0 && value <= 1),
    positive: (key, absent) =>
      number(key, absent, 'a number above 0', (value) => value > 0 && value < Number.POSITIVE_INFINITY),
    atLeastOne(key) {
      if (config[key] !== undefined) return number(key, 1, 'a number from 1', (value) => value >= 1 && value <= 1e6);
      findings.push(`${key} is missing`);
      return 1;
    },
    nullable: (key) => (config[key] == null ? null : number(key, 0, 'a number', Number.isFinite)),
    truth(key, absent) {
      const value = config[key] ?? absent;
      if (typeof value === 'boolean') return value;
      findings.push(`${key} is ${shown(value)}; supported: true, false`);
      return absent;
    },
    object(key) {
      const value = config[key] ?? null;
      if (value === null) return null;
      if (typeof value === 'object' && !Array.isArray(value)) return { ...value };
      findings.push(`${key} is ${shown(value)}; supported: a table of keys`);
      return null;
    },
    rate: (key, absent) => number(key, absent, 'a number from 0, below 1', (value) => value >= 0 && value < 1),
    word(key, absent, table) {
      const value = config[key] ?? absent;
      const found = typeof value === 'string' ? table.get(value) : undefined;
      if (found !== undefined) return found;
      findings.push(`${key} is ${shown(value)}; supported: ${[...table.keys()].join(', ')}`);
      return table.get(absent)!;
    },
    words(key, length, table) {
      const value = config[key] ?? null;
      if (value === null) return null;
      const found = (Array.isArray(value) ? value : []).flatMap((word) => {
        const meant = table.get(word);
        return meant === undefined ? [] : [meant];
      });
      if (Array.isArray(value) && value.length === length && found.length === length) return found;
      findings.push(`${key} is ${shown(value)}; supported: ${length} of ${[...table.keys()].join(', ')}`);
      return null;
    },
    flags(key, allowed) {
      const value = config[key] ?? [];
      const words: unknown[] = typeof value === 'string' ? value.toLowerCase().split('|') : [value].flat();
      const found = words.map((word) => allowed.find((one) => typeof word === 'string' && one === word.trim()));
      if (found.includes(undefined)) findings.push(`${key} is ${shown(value)}; supported: ${allowed.join(', ')}`);
      return new Set(found.filter((word) => word !== undefined));
    },
    only(key, allowed, supported) {
      const value = config[key];
      if (value === undefined || allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))) return;
      findings.push(`${key} is ${shown(value)}; supported: ${supported}`);
    },
  };
}

/** A value in a message, cut. JSON has no name for the infinity that 1e999 is read as. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

function isWhole(value: number, smallest: number, largest: number): boolean {
  return Number.isSafeInteger(value) && value >= smallest && value <= largest;
}
