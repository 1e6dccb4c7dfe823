import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';

/** The row's long integers, as `longIntegersOf` finds them. */
type LongIntegers = ReadonlyMap<number, boolean>;

/** The kinds of values that occurred. */
interface Kinds {
  text: boolean;
  integer: boolean;
  /**
   * A whole number beyond ±(2⁵³ − 1) that is written in full, as identifiers are: 64-bit floats can't always tell it
   * from its neighbours. Written with an exponent, as 1e300, it is a float.
   */
  longInteger: boolean;
  /** A long integer beyond 64 bits. */
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

export function noKindsYet(): KeyKinds {
  return { ...none(), items: null };
}

/**
 * Records the kind of one value of a key.
 * @param longIntegers those of the whole row: a float of the same value in it counts as one too
 */
export function noteKind(kinds: KeyKinds, value: unknown, longIntegers: LongIntegers): void {
  if (Array.isArray(value)) {
    kinds.items ??= none();
    for (const item of value) {
      if (typeof item === 'object' || item === Infinity || item === -Infinity) kinds.items.nested = true;
      else noteScalar(kinds.items, item, longIntegers);
    }
  } else if (typeof value === 'object') kinds.nested ||= value !== null;
  else noteScalar(kinds, value, longIntegers);
}

/** Whether a key has lists in some rows and other values in others. */
export function hasMixedLists(kinds: KeyKinds): boolean {
  return kinds.items !== null && (kinds.text || kinds.integer || kinds.float || kinds.boolean || kinds.nested);
}

/** The column type that all values of a key fit. */
export function typeOfKinds(kinds: KeyKinds): ColumnType {
  const { items, nested } = kinds;
  if (items !== null && !hasMixedLists(kinds)) return listTypeOf(items);
  if (items !== null || nested) return 'JSON';
  if (kinds.text || kinds.largeInteger) return 'TEXT';
  const isNumber = kinds.integer || kinds.float;
  if (kinds.boolean) return isNumber ? 'TEXT' : 'BOOLEAN';
  if (!isNumber) return 'TEXT';
  if (!kinds.float) return 'INTEGER';
  return kinds.longInteger ? 'TEXT' : 'FLOAT';
}

/**
 * The column type of a key whose values are all lists.
 *
 * @param items the requested type of the items; null: the type that they have
 */
export function typeOfLists({ items: found }: KeyKinds, items: 'TEXT' | 'NUMBER' | null): ColumnType {
  if (items === 'TEXT') return 'TEXT_LIST';
  if (items === 'NUMBER' && found === null) return 'FLOAT_LIST';
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

function noteScalar(kinds: Kinds, value: unknown, longIntegers: LongIntegers): void {
  if (typeof value === 'string') kinds.text = true;
  else if (typeof value === 'boolean') kinds.boolean = true;
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) kinds.integer = true;
    else noteUnsafe(kinds, value, longIntegers);
  }
}

/** Records a number that is no whole number below 2⁵³. */
function noteUnsafe(kinds: Kinds, value: number, longIntegers: LongIntegers): void {
  const isLarge = longIntegers.get(value);
  if (isLarge === undefined) {
    kinds.float = true;
    return;
  }
  kinds.integer = true;
  kinds.longInteger = true;
  kinds.largeInteger ||= isLarge;
}
