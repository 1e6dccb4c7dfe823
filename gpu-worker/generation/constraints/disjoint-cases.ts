/** What tells a schema's values apart from those of others, as far as it is seen at once. */
export interface Case {
  /** Null: any. `integer` is a part of `number`. */
  readonly types: readonly string[] | null;
  /** As JSON. Null: any. */
  readonly values: readonly string[] | null;
  /** Values, as JSON, of properties that every object has. */
  readonly properties: ReadonlyMap<string, readonly string[]>;
}

/** Whether no value is of two of the cases, for sure. */
export function areDisjoint(cases: readonly Case[]): boolean {
  return cases.every((a, index) => cases.slice(index + 1).every((b) => exclude(a, b)));
}

function exclude(a: Case, b: Case): boolean {
  if (a.values !== null && b.values !== null && !meet(a.values, b.values)) return true;
  if (a.types === null || b.types === null) return false;
  const asNumbers = (types: readonly string[]) => types.map((type) => (type === 'integer' ? 'number' : type));
  const shared = asNumbers(a.types).filter((type) => asNumbers(b.types!).includes(type));
  if (shared.length === 0) return true;
  if (shared.some((type) => type !== 'object')) return false;
  return [...a.properties].some(([name, values]) => {
    const others = b.properties.get(name);
    return others !== undefined && !meet(values, others);
  });
}

function meet(a: readonly string[], b: readonly string[]): boolean {
  return a.some((value) => b.includes(value));
}
