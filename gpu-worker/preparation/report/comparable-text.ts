import { literal } from '../../../src/protocol/duckdb-names.js';

/** White space, which is no part of a text that is compared: Unicode's property White_Space. */
const whiteSpace = [
  ...[0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]
  .map((code) => String.fromCodePoint(code))
  .join('');

/** The SQL of a text without what is not compared: case, white space and the composition of characters. */
export function comparable(text: string): string {
  return `translate(lower(nfc_normalize(${text})), ${literal(whiteSpace)}, '')`;
}

/** The first 32 characters that are compared; of a text that begins with much white space, all that are compared. */
export function beginningOf(text: string): string {
  return partOf(text, 'left');
}

/** The last 32 characters that are compared, likewise. */
export function endOf(text: string): string {
  return partOf(text, 'right');
}

function partOf(text: string, side: 'left' | 'right'): string {
  const part = `${side}(${comparable(`${side}(${text}, 64)`)}, 32)`;
  return `CASE WHEN length(${part}) < 32 AND length(${text}) > 64 THEN ${side}(${comparable(text)}, 32) ELSE ${part} END`;
}
