/** The columns of a list or a table as SQL, by the names that its rows have them under. */
export type Columns<Row> = { readonly [Name in keyof Row & string]: string };

/** All columns, for SELECT. */
export function allColumns<Row>(columns: Columns<Row>): string {
  return Object.entries<string>(columns).map(named).join(', ');
}

function named([name, expression]: readonly [string, string]): string {
  return `${expression} AS "${name}"`;
}

/**
 * Which columns the fields of a type read, so that an operation need not read those of other fields. A field that is
 * not here reads all of them.
 */
export interface ColumnsOfFields<Row> {
  /** What every object needs: its ids, and what the rights are looked up by. */
  readonly always: readonly (keyof Row & string)[];
  readonly byField: { readonly [field: string]: readonly (keyof Row & string)[] };
}

export interface SelectedColumns {
  /** SQL of the columns that these fields read, for a list; null: all. */
  exactly(fields: ReadonlySet<string>): string | null;
  /**
   * SQL of the columns that any of the known fields reads, for single objects, which many ways lead to: those whose
   * fields are all known are then read together. Null, which means all, where a field is not known.
   */
  light(fields: ReadonlySet<string>): string | null;
}

export function columnsForFields<Row>(
  columns: Columns<Row>,
  { always, byField }: ColumnsOfFields<Row>,
): SelectedColumns {
  const known = new WeakMap<ReadonlySet<string>, string | null>();
  const sqlOf = (fields: Iterable<string>): string => {
    const needed = new Set<keyof Row & string>(always);
    for (const field of fields) for (const name of byField[field] ?? []) needed.add(name);
    return [...needed]
      .sort()
      .map((name) => named([name, columns[name]]))
      .join(', ');
  };
  const areKnown = (fields: ReadonlySet<string>): boolean => {
    for (const field of fields) if (!Object.hasOwn(byField, field)) return false;
    return true;
  };
  const ofAllKnown = sqlOf(Object.keys(byField));
  return {
    exactly(fields) {
      const found = known.get(fields);
      if (found !== undefined) return found;
      const sql = areKnown(fields) ? sqlOf(fields) : null;
      known.set(fields, sql);
      return sql;
    },
    light: (fields) => (areKnown(fields) ? ofAllKnown : null),
  };
}
