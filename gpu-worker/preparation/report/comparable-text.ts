import { literal } from '../../../src/protocol/duckdb-names.js';

/** Unicode's property White_Space. */
const whiteSpace = [
  ...[0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]
  .map((code) => String.fromCodePoint(code))
  .join('');

/**
 * The SQL of a text in which runs of white space, case and the composition of characters make no difference. Texts that
 * are equal by it are equal for `dropDuplicates`, which folds more (fold-text.ts).
 */
export function normalized(text: string): string {
  return `trim(regexp_replace(lower(nfc_normalize(${text})), ${literal(`[${whiteSpace}]+`)}, ' ', 'g'))`;
}

/** The SQL of a text without the white space around it; DuckDB's `trim` leaves line breaks and tabs. */
export function trimmed(text: string): string {
  return `trim(${text}, ${literal(whiteSpace)})`;
}

/** The SQL of a text without white space: beginnings and ends are compared so, since white space may begin a text. */
function comparable(text: string): string {
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
