import { groupBy } from './group-by.js';
import { KeyLoader } from './key-loader.js';

/** Loads one row for each key, null for a key without a row. All keys of one tick share a statement. */
export function createKeyLoader<Row>(
  fetch: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): KeyLoader<Row | null> {
  return new KeyLoader<Row | null>(async (keys) => byKey(await fetch(keys), keyOf), null);
}

/**
 * A loader of whole rows that also loads parts of them: `selecting(sql)` reads the columns of `sql` alone. What is
 * cleared is cleared in the parts as well.
 */
export class SelectingLoader<Row> extends KeyLoader<Row | null> {
  private readonly parts = new Map<string, KeyLoader<Row | null>>();

  /** @param fetchRows SQL of the columns, or null for all */
  constructor(
    private readonly fetchRows: (keys: readonly string[], select: string | null) => Promise<readonly Row[]>,
    private readonly keyOf: (row: Row) => string,
  ) {
    super(async (keys) => byKey(await fetchRows(keys, null), keyOf), null);
  }

  /** Rows with these columns alone, as SQL; null: all columns. */
  selecting(select: string | null): KeyLoader<Row | null> {
    if (select === null) return this;
    const known = this.parts.get(select);
    if (known !== undefined) return known;
    const part = createKeyLoader<Row>((keys) => this.fetchRows(keys, select), this.keyOf);
    this.parts.set(select, part);
    return part;
  }

  override clear(key: string): this {
    for (const part of this.parts.values()) part.clear(key);
    return super.clear(key);
  }

  override clearAll(): this {
    for (const part of this.parts.values()) part.clearAll();
    return super.clearAll();
  }
}

function byKey<Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) found.set(keyOf(row), row);
  return found;
}

/** Loads a list of rows for each key. All keys of one tick share a statement. */
export function createListLoader<Row>(
  fetch: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): KeyLoader<readonly Row[]> {
  return new KeyLoader<readonly Row[]>(async (keys) => groupBy(await fetch(keys), keyOf), []);
}
