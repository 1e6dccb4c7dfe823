import type { ColumnType } from '../../protocol/datasets/column-type.js';

/** Beyond it, JavaScript and JSON write a number with an exponent, and its digits were never meant one by one. */
const exponentFrom = 1e21;
const [minInteger, maxInteger] = [-(2n ** 63n), 2n ** 63n - 1n];

/** A date, or a date with a time of day, of up to six digits of a second and with a time zone or none, which is UTC. */
const timestamp = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A value as JSON text, or what is wrong with it, in words. */
export type ColumnValue = { readonly json: string } | { readonly wrong: string; readonly hint: string | null };

const digitsHint = 'Send whole numbers beyond 2^53 as a text of their digits: "9007199254740993".';

/**
 * A value that is not null as a column of this type has it.
 * @param type null: the column is new, and takes any value
 */
export function valueOfColumn(value: unknown, type: ColumnType | null): ColumnValue {
  switch (type) {
    case 'TEXT':
      return typeof value === 'string' ? { json: JSON.stringify(value) } : other(value, 'TEXT', textHint(value));
    case 'INTEGER':
      return integer(value);
    case 'FLOAT':
      return isNumber(value) ? { json: JSON.stringify(value) } : other(value, 'FLOAT', numberHint(value));
    case 'BOOLEAN':
      return typeof value === 'boolean' ? { json: JSON.stringify(value) } : other(value, 'BOOLEAN', flagHint(value));
    case 'TIMESTAMP':
      return time(value);
    case 'TEXT_LIST':
      return list(value, 'TEXT_LIST', (item) => valueOfColumn(item, 'TEXT'));
    case 'INTEGER_LIST':
      return list(value, 'INTEGER_LIST', integer);
    case 'FLOAT_LIST':
      return list(value, 'FLOAT_LIST', (item) => valueOfColumn(item, 'FLOAT'));
    case 'JSON':
    case null:
      return holdsRounded(value)
        ? { wrong: 'holds a number whose digits JSON did not keep', hint: digitsHint }
        : { json: JSON.stringify(value) };
    default:
      return type satisfies never;
  }
}

function integer(value: unknown): ColumnValue {
  if (Number.isSafeInteger(value)) return { json: String(value) };
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) {
    const exact = BigInt(value);
    if (String(exact) === value && exact >= minInteger && exact <= maxInteger) return { json: value };
  }
  if (Number.isInteger(value)) {
    return { wrong: 'holds INTEGER, and JSON did not keep the digits of this number', hint: digitsHint };
  }
  return other(value, 'INTEGER', numberHint(value));
}

function time(value: unknown): ColumnValue {
  const parts = typeof value === 'string' ? timestamp.exec(value) : null;
  const hint = 'Send a time as a text such as 2026-01-31, 2026-01-31T08:00:00Z or 2026-01-31 09:00:00+01:00.';
  if (parts === null && typeof value === 'string') {
    return { wrong: `holds TIMESTAMP, and ${kindOf(value)} is not written as a time`, hint };
  }
  if (parts === null) return other(value, 'TIMESTAMP', hint);
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = parts;
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second),
  );
  const date = new Date(at);
  const isReal =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour ?? 0) < 24 &&
    Number(minute ?? 0) < 60 &&
    Number(second) < 60;
  if (!isReal) return { wrong: 'holds TIMESTAMP, and there is no such moment', hint };
  if (hour === undefined) return { json: JSON.stringify(value) };
  const offset = zone === 'Z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  const text = new Date(at - offset * 60_000).toISOString();
  return { json: JSON.stringify(`${text.slice(0, 10)} ${text.slice(11, 19)}${fraction}`) };
}

function list(value: unknown, type: ColumnType, item: (item: unknown) => ColumnValue): ColumnValue {
  if (!Array.isArray(value)) return other(value, type, null);
  const items: string[] = [];
  for (const [i, each] of value.entries()) {
    const one = item(each);
    if ('wrong' in one) {
      return { wrong: `holds ${type}, and item ${i} of the list is ${kindOf(each)}`, hint: one.hint };
    }
    items.push(one.json);
  }
  return { json: `[${items.join(',')}]` };
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Whether a number anywhere in a value may be another one than was sent. */
function holdsRounded(value: unknown): boolean {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return true;
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < exponentFrom;
  }
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some(holdsRounded);
}

function other(value: unknown, type: ColumnType, hint: string | null): ColumnValue {
  return { wrong: `holds ${type}, and this is ${kindOf(value)}`, hint };
}

function textHint(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'boolean' ? `Send it as a text: "${String(value)}".` : null;
}

function numberHint(value: unknown): string | null {
  const isNumeral = typeof value === 'string' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value);
  return isNumeral ? `Send it as a number: ${value}.` : null;
}

function flagHint(value: unknown): string | null {
  return typeof value === 'string' ? 'Send true or false, without quotes.' : null;
}

const shownCharacters = 60;

function shown(text: string): string {
  const characters = [...text.slice(0, 2 * shownCharacters + 2)];
  return characters.length > shownCharacters ? `${characters.slice(0, shownCharacters).join('')}…` : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'missing';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return `the text “${shown(value)}”`;
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : Number.isFinite(value) ? 'a fraction' : 'no finite number';
    case 'boolean':
      return 'a flag';
    default:
      return 'an object';
  }
}
