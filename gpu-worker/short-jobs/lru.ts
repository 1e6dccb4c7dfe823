/** Keeps the values that were used most recently, up to a number of bytes. */
export interface Lru<Value> {
  /**
   * Returns the value of `key`, which `create` makes if there is none, and then evicts those unused for longest until
   * the rest fits.
   */
  get(key: string, create: () => Promise<Value>): Promise<Value>;
  /** Frees everything. */
  clear(): Promise<void>;
}

export interface LruOptions<Value> {
  readonly maxBytes: number;
  /** Bytes of a value. Asked at every `get`, because values may grow. */
  readonly sizeOf: (value: Value) => number;
  readonly release: (value: Value) => Promise<void>;
}

/**
 * For one caller at a time: the value that `get` returned last is never evicted, however large it is; those that it
 * returned before may be.
 */
export function createLru<Value>({ maxBytes, sizeOf, release }: LruOptions<Value>): Lru<Value> {
  // A Map keeps insertion order: the first key is the one used longest ago.
  const values = new Map<string, Value>();

  async function evictUntilAllFit(kept: string): Promise<void> {
    for (const [key, value] of values) {
      const total = [...values.values()].reduce((sum, each) => sum + sizeOf(each), 0);
      if (total <= maxBytes) return;
      if (key === kept) continue;
      values.delete(key);
      await release(value);
    }
  }

  return {
    async get(key, create) {
      const value = values.get(key) ?? (await create());
      values.delete(key);
      values.set(key, value);
      await evictUntilAllFit(key);
      return value;
    },
    async clear() {
      for (const value of values.values()) await release(value);
      values.clear();
    },
  };
}
