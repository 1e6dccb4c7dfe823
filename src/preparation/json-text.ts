/**
 * What `JSON.parse` forgets of valid JSON: digits of whole numbers beyond 2⁵³, numbers beyond the largest float, and
 * the order of keys that are whole numbers, which objects of JavaScript put first.
 */

/** How deep a value of a dataset may be nested: JSON readers, those of clients too, recurse, and some stop at 1,000. */
export const maxNesting = 500;

/** A number of JSON as it is written, from a place on. */
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const whole = /^-?\d+$/;

/** A number of fewer digits is below 2⁵³, which has sixteen. */
const manyDigits = /\d{16}/;

/** A number with a smaller exponent and few digits is below the largest float, 1.8 · 10³⁰⁸. */
const largeExponent = /[eE]\+?\d{3}/;

/** Follows a string that is a key. */
const afterString = /\s*:/y;

/** A key that JavaScript takes for the index of a list: a whole number below 2³² − 1, without leading zeros. */
const indexKey = /^(?:0|[1-9]\d{0,9})$/;

/** Whether an object of JavaScript may keep this key at another place than it was set. */
export function changesPlace(key: string): boolean {
  return indexKey.test(key);
}

/** −2⁶³ and 2⁶³ − 1. */
const [minInteger, maxInteger] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * The whole numbers beyond ±(2⁵³ − 1) in valid JSON that are written in full, without fraction or exponent: for each
 * float that `JSON.parse` makes of one, whether one of them has more than 64 bits.
 */
export function longIntegersOf(text: string): ReadonlyMap<number, boolean> {
  const found = new Map<number, boolean>();
  if (!manyDigits.test(text)) return found;
  replaceNumbers(text, (token) => {
    if (!isLongInteger(token)) return token;
    const [value, exact] = [Number(token), BigInt(token)];
    found.set(value, found.get(value) === true || exact < minInteger || exact > maxInteger);
    return token;
  });
  return found;
}

/**
 * Parses valid JSON without losing digits: a whole number beyond ±(2⁵³ − 1) becomes a text of its digits, and a number
 * that no float holds, such as 1e400, the text of the file. `JSON.parse` would make it infinite, which is written as
 * null. Fractions are 64-bit floats, as everywhere in JSON.
 */
export function parseExactly(text: string): unknown {
  if (!manyDigits.test(text) && !largeExponent.test(text)) return JSON.parse(text);
  return JSON.parse(replaceNumbers(text, (token) => (isHeld(token) ? token : `"${token}"`)));
}

/** The keys of an object in valid JSON, in the order of the text. */
export function keysInOrder(text: string): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      const end = endOfString(text, i);
      afterString.lastIndex = end;
      if (depth === 1 && afterString.test(text)) keys.push(JSON.parse(text.slice(i, end)) as string);
      i = end - 1;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return keys;
}

/** Whether a value of JSON has lists and objects inside each other beyond this depth; `[[1]]` has depth 2. */
export function isNestedBeyond(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inside.some((each) => isNestedBeyond(each, depth - 1));
}

/**
 * An object with these entries, whose keys stay in this order: also where they are whole numbers, which
 * `JSON.stringify` would put first. A thousand entries cost some 0.1 ms, and objects without such keys nothing.
 */
export function objectInOrder(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  const object: Record<string, unknown> = Object.fromEntries(entries);
  if (!entries.some(([key]) => changesPlace(key))) return object;
  const keys = entries.map(([key]) => key);
  return new Proxy(object, { ownKeys: () => keys });
}

/** Whether `JSON.parse` keeps a number. */
function isHeld(token: string): boolean {
  return !isLongInteger(token) && Number.isFinite(Number(token));
}

function isLongInteger(token: string): boolean {
  return whole.test(token) && !Number.isSafeInteger(Number(token));
}

function replaceNumbers(text: string, replace: (token: string) => string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i) - 1;
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      number.lastIndex = i;
      const token = number.exec(text)?.[0];
      if (token === undefined) continue;
      parts.push(text.slice(kept, i), replace(token));
      i += token.length - 1;
      kept = i + 1;
    }
  }
  return parts.join('') + text.slice(kept);
}

/** Where a string that begins with a quote here has ended: the place after its closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}
