import { invalidSchema } from './invalid-schema.js';

/** Parts of a JSON Schema, read from values of any kind. All functions throw ProblemError INVALID_SCHEMA. */

export type Schema = boolean | Readonly<Record<string, unknown>>;

/** Says something of a value and asks nothing of it. */
export const annotations = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

export const keywordsOf = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
} as const satisfies Record<string, readonly string[]>;
export type TypeName = keyof typeof keywordsOf;
export const typeNames = Object.keys(keywordsOf) as TypeName[];

export function asSchema(value: unknown, path: readonly string[]): Schema {
  if (typeof value === 'boolean') return value;
  return asRecord(value, path);
}

export function asRecord(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidSchema(path, 'a schema must be an object, true or false', null);
}

export function schemasOf(value: unknown, path: readonly string[]): Schema[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidSchema(path, 'this must be a list of schemas', null);
  return value.map((each, index) => asSchema(each, [...path, String(index)]));
}

export function namesOf(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return [...new Set(value)];
  throw invalidSchema(path, 'this must be a list of names', null);
}

export function typesOf(value: unknown, path: readonly string[]): TypeName[] {
  const types = [value].flat();
  for (const type of types) {
    if (!typeNames.includes(type as TypeName))
      throw invalidSchema(
        [...path, 'type'],
        `“${String(type)}” is no type of JSON`,
        `Types are ${typeNames.join(', ')}.`,
      );
  }
  return types as TypeName[];
}

export function isOfType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

export function count(
  schema: Readonly<Record<string, unknown>>,
  keyword: string,
  path: readonly string[],
): number | null {
  const value = schema[keyword];
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidSchema([...path, keyword], `“${keyword}” must be a whole number from 0`, null);
}

export function bound(
  schema: Readonly<Record<string, unknown>>,
  inclusive: string,
  exclusive: string,
  path: readonly string[],
  isStricter: (a: number, b: number) => boolean,
): { value: number; isExclusive: boolean } | null {
  const of = (keyword: string, isExclusive: boolean) => {
    const value = schema[keyword];
    if (value === undefined) return null;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw invalidSchema([...path, keyword], `“${keyword}” must be a number`, null);
    return { value, isExclusive };
  };
  const [open, closed] = [of(exclusive, true), of(inclusive, false)];
  if (open === null || closed === null) return open ?? closed;
  return isStricter(closed.value, open.value) ? closed : open;
}
