/** What loads values by key, and can forget them. */
export interface LoadsByKey<Value> {
  load(key: string): Promise<Value>;
  clear(key: string): unknown;
}

/** The keys of one tick, and their values once they have come. */
interface Batch<Value> {
  readonly keys: string[];
  readonly values: Promise<ReadonlyMap<string, Value>>;
}

/**
 * Loads a value for each key, once: all keys of one tick share one call of `fetch`, as with DataLoader. Many keys at
 * once cost one promise, where DataLoader has one for each.
 */
export class KeyLoader<Value> implements LoadsByKey<Value> {
  private readonly known = new Map<string, Batch<Value>>();
  private open: Batch<Value> | null = null;

  /**
   * @param fetchAll the values of keys, which are distinct
   * @param absent the value of a key that has none
   */
  constructor(
    private readonly fetchAll: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
    private readonly absent: Value,
  ) {}

  async load(key: string): Promise<Value> {
    return this.valueIn(await this.batchOf(key).values, key);
  }

  /** The values of keys, in their order; a key may come several times. */
  async loadAll(keys: readonly string[]): Promise<readonly Value[]> {
    const batches = keys.map((key) => this.batchOf(key));
    const [first] = batches;
    if (first === undefined) return [];
    if (batches.every((batch) => batch === first)) {
      const values = await first.values;
      return keys.map((key) => this.valueIn(values, key));
    }
    const loaded = await Promise.all(batches.map(({ values }) => values));
    return keys.map((key, i) => this.valueIn(loaded[i]!, key));
  }

  clear(key: string): this {
    this.known.delete(key);
    return this;
  }

  clearAll(): this {
    this.known.clear();
    return this;
  }

  private valueIn(values: ReadonlyMap<string, Value>, key: string): Value {
    return values.get(key) ?? this.absent;
  }

  private batchOf(key: string): Batch<Value> {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.open ??= this.openBatch();
    this.known.set(key, this.open);
    this.open.keys.push(key);
    return this.open;
  }

  private openBatch(): Batch<Value> {
    const keys: string[] = [];
    const values = afterPromises().then(() => {
      this.open = null;
      return this.fetchAll([...new Set(keys)]);
    });
    // Whoever asked for a key hears of a failure by waiting for it.
    values.catch(() => undefined);
    return { keys, values };
  }
}

/** The end of this tick: after what its promises, and those that they lead to, have asked for. */
function afterPromises(): Promise<void> {
  return new Promise((resolve) => {
    Promise.resolve().then(() => process.nextTick(resolve));
  });
}
