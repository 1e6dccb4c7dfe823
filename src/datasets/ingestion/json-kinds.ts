import type { ColumnType } from '../column-type.js';

/** The kinds of values that occurred. */
interface Kinds {
  text: boolean;
  integer: boolean;
  /** A whole number beyond ±(2⁵³ − 1), which 64-bit floats can't always tell from its neighbours. */
  longInteger: boolean;
  /** A whole number beyond 64 bits. */
  largeInteger: boolean;
  float: boolean;
  boolean: boolean;
  /**
   * A value without a column type of its own: an object; in a list also a list, a null, or a number beyond all floats.
   */
  nested: boolean;
}

/** The kinds of values under one key of the objects in a JSON Lines file; nulls are ignored. */
export interface KeyKinds extends Kinds {
  /** The kinds of the items of its lists; null when no list occurred. */
  items: Kinds | null;
}

/** −2⁶³ and 2⁶³, both exact as numbers. */
const minInteger = -(2 ** 63);
const maxIntegerExclusive = 2 ** 63;

export function noKindsYet(): KeyKinds {
  return { ...none(), items: null };
}

/** Records the kind of one value of a key. */
export function noteKind(kinds: KeyKinds, value: unknown): void {
  if (Array.isArray(value)) {
    kinds.items ??= none();
    for (const item of value) {
      if (typeof item === 'object' || item === Infinity || item === -Infinity) kinds.items.nested = true;
      else noteScalar(kinds.items, item);
    }
  } else if (typeof value === 'object') kinds.nested ||= value !== null;
  else noteScalar(kinds, value);
}

/** The column type that all values of a key fit. */
export function typeOfKinds(kinds: KeyKinds): ColumnType {
  const { items, nested } = kinds;
  const isScalar = kinds.text || kinds.integer || kinds.float || kinds.boolean;
  if (items !== null && !isScalar && !nested) return listTypeOf(items);
  if (items !== null || nested) return 'JSON';
  if (kinds.text || kinds.largeInteger) return 'TEXT';
  const isNumber = kinds.integer || kinds.float;
  if (kinds.boolean) return isNumber ? 'TEXT' : 'BOOLEAN';
  if (!isNumber) return 'TEXT';
  return kinds.float ? 'FLOAT' : 'INTEGER';
}

/**
 * The column type of a key whose values are all lists.
 *
 * @param items the requested type of the items; null: the type that they have
 */
export function typeOfLists({ items: found }: KeyKinds, items: 'TEXT' | 'NUMBER' | null): ColumnType {
  if (items === 'TEXT') return 'TEXT_LIST';
  if (items === 'NUMBER') return found === null || found.float || found.largeInteger ? 'FLOAT_LIST' : 'INTEGER_LIST';
  return found === null ? 'TEXT_LIST' : listTypeOf(found);
}

/** Numbers among texts become texts, and so do numbers whose last digits a float would lose. */
function listTypeOf(items: Kinds): ColumnType {
  if (items.nested || items.boolean) return 'JSON';
  if (items.text || items.largeInteger || (items.float && items.longInteger)) return 'TEXT_LIST';
  if (items.float) return 'FLOAT_LIST';
  return items.integer ? 'INTEGER_LIST' : 'TEXT_LIST';
}

function none(): Kinds {
  return {
    text: false,
    integer: false,
    longInteger: false,
    largeInteger: false,
    float: false,
    boolean: false,
    nested: false,
  };
}

function noteScalar(kinds: Kinds, value: unknown): void {
  if (typeof value === 'string') kinds.text = true;
  else if (typeof value === 'boolean') kinds.boolean = true;
  else if (typeof value === 'number') {
    if (!Number.isInteger(value)) kinds.float = true;
    else {
      kinds.integer = true;
      if (!Number.isSafeInteger(value)) kinds.longInteger = true;
      if (value < minInteger || value >= maxIntegerExclusive) kinds.largeInteger = true;
    }
  }
}
