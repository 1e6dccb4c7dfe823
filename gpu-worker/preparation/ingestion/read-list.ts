import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';

/** Whole numbers, without the leading zeros and plus signs of codes; all of 64 bits have at most 19 digits. */
const integer = /^-?(0|[1-9][0-9]{0,18})$/;
const fraction = /^-?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?|[0-9]+[eE][+-]?[0-9]{1,3})$/;

/**
 * The items of a text, in order, without the blanks around them; or why the text is not a list. A separator that is
 * blank itself may be repeated, and may stand at both ends. A blank text has no items.
 */
export function divideText(text: string, list: ListColumn): readonly string[] | { readonly fault: string } {
  if (text.trim() === '') return [];
  const separator = list.separator!;
  const parts = text.split(separator).map((part) => part.trim());
  const items = separator.trim() === '' ? parts.filter((part) => part !== '') : parts;
  for (const [index, item] of items.entries()) {
    if (item === '') return { fault: `Item ${index + 1} of “${list.column}” is empty.` };
    if (list.items === 'NUMBER' && !isNumber(item)) {
      return {
        fault: `Item ${index + 1} of “${list.column}” is not a number that can be stored exactly: ${quoted(item)}.`,
      };
    }
  }
  return items;
}

/** Matches whole numbers among the items that `divideText` accepted as numbers. */
export const wholeNumber = integer.source;

/** Why a JSON value is not a list with a column type; null when it is one, or is missing. */
export function faultOfJson(value: unknown, { column, items }: ListColumn): string | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) return `“${column}” is ${describe(value)}, not a list.`;
  for (const [index, item] of value.entries()) {
    const isText = typeof item === 'string';
    if (isText && items !== 'NUMBER') continue;
    if (Number.isFinite(item)) continue;
    const wanted = items === 'NUMBER' ? 'a number' : 'a text or a number';
    return `Item ${index + 1} of “${column}” is ${describe(item)}, not ${wanted}.`;
  }
  return null;
}

function isNumber(item: string): boolean {
  if (integer.test(item)) return BigInt.asIntN(64, BigInt(item)) === BigInt(item);
  return fraction.test(item) && Number.isFinite(Number(item));
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return Number.isFinite(value) ? 'a number' : 'a number beyond all floats';
    case 'boolean':
      return String(value);
    default:
      return 'an object';
  }
}

const quotedLength = 40;

function quoted(item: string): string {
  return `“${item.length > quotedLength ? `${item.slice(0, quotedLength)}…` : item}”`;
}
