/** The value of a setting, by its kind. */
export type SettingValue =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'switch'; readonly on: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** The name of a value of one of the graph's enums. */
  | { readonly kind: 'choice'; readonly choice: string }
  | {
      readonly kind: 'reference';
      readonly type: 'BaseModel' | 'DatasetVersion';
      readonly id: string;
      readonly text: string;
    };

/** A row that a setting refers to, with its name for people. */
export interface NamedRow {
  readonly id: string;
  readonly name: string;
}

/** One setting of an experiment, by its path in the graph. */
export interface Setting {
  readonly path: string;
  readonly label: string;
  /** Null: the setting is not set. */
  readonly value: SettingValue | null;
}

export function number(path: string, label: string, value: number | null): Setting {
  return { path, label, value: value === null ? null : { kind: 'number', number: value } };
}

export function text(path: string, label: string, value: string | null): Setting {
  return { path, label, value: value === null ? null : { kind: 'text', text: value } };
}

export function list(path: string, label: string, items: readonly string[] | null): Setting {
  return { path, label, value: items === null ? null : { kind: 'list', items } };
}

/** @param names the names of the enum's values in the graph */
export function choice(
  path: string,
  label: string,
  names: Readonly<Record<string, string>>,
  value: string | null,
): Setting {
  const name = Object.keys(names).find((each) => names[each] === value);
  return { path, label, value: name === undefined ? null : { kind: 'choice', choice: name } };
}

export function reference(
  path: string,
  label: string,
  type: 'BaseModel' | 'DatasetVersion',
  row: NamedRow | null,
): Setting {
  return { path, label, value: row === null ? null : { kind: 'reference', type, id: row.id, text: row.name } };
}
