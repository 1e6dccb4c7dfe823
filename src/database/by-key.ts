import DataLoader from 'dataloader';
import { groupBy } from './group-by.js';

/** Loads one row for each key, null for a key without a row. All keys of one tick share a statement. */
export function createKeyLoader<Row>(
  fetch: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, Row | null> {
  return new DataLoader(async (keys) => inOrder(keys, await fetch(keys), keyOf));
}

/**
 * A loader of whole rows that also loads parts of them: `selecting(sql)` reads the columns of `sql` alone. What is
 * cleared is cleared in the parts as well.
 */
export class SelectingLoader<Row> extends DataLoader<string, Row | null> {
  private readonly parts = new Map<string, DataLoader<string, Row | null>>();

  /** @param fetch SQL of the columns, or null for all */
  constructor(
    private readonly fetch: (keys: readonly string[], select: string | null) => Promise<readonly Row[]>,
    private readonly keyOf: (row: Row) => string,
  ) {
    super(async (keys) => inOrder(keys, await fetch(keys, null), keyOf));
  }

  /** Rows with these columns alone, as SQL; null: all columns. */
  selecting(select: string | null): DataLoader<string, Row | null> {
    if (select === null) return this;
    const known = this.parts.get(select);
    if (known !== undefined) return known;
    const part = createKeyLoader<Row>((keys) => this.fetch(keys, select), this.keyOf);
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

function inOrder<Row>(
  keys: readonly string[],
  found: readonly Row[],
  keyOf: (row: Row) => string,
): readonly (Row | null)[] {
  const rows = new Map(found.map((row) => [keyOf(row), row]));
  return keys.map((key) => rows.get(key) ?? null);
}

/** Loads a list of rows for each key. All keys of one tick share a statement. */
export function createListLoader<Row>(
  fetch: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, readonly Row[]> {
  return new DataLoader(async (keys) => {
    const rows = groupBy(await fetch(keys), keyOf);
    return keys.map((key) => rows.get(key) ?? []);
  });
}
