import { literal } from '../../../src/protocol/duckdb-names.js';

/** Unicode's property White_Space. */
const whiteSpace = [
  ...[0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]
  .map((code) => String.fromCodePoint(code))
  .join('');

/** All of it but the space: most texts have none. */
const otherWhiteSpace = whiteSpace.replace(' ', '');

/** The SQL of a text in which case and the composition of characters make no difference. */
export function folded(text: string): string {
  return `lower(nfc_normalize(${text}))`;
}

/**
 * The SQL of a folded text in which runs of white space make no difference either. Texts that are equal by it are equal
 * for `dropDuplicates`, which folds more (fold-text.ts). The text is read several times: it should be a column.
 */
export function normalized(foldedText: string): string {
  const spaced = `regexp_replace(${foldedText}, ${literal(`[${whiteSpace}]+`)}, ' ', 'g')`;
  const isSpaced = `regexp_matches(${foldedText}, ${literal(`[${otherWhiteSpace}]|  `)})`;
  return `trim(CASE WHEN ${isSpaced} THEN ${spaced} ELSE ${foldedText} END)`;
}

/** The SQL of a text without the white space around it; DuckDB's `trim` leaves line breaks and tabs. */
export function trimmed(text: string): string {
  return `trim(${text}, ${literal(whiteSpace)})`;
}

/** The SQL of a text, folded, without white space: beginnings and ends are compared so, as white space may be there. */
function comparable(text: string): string {
  const hasOther = `regexp_matches(${text}, ${literal(`[${otherWhiteSpace}]`)})`;
  return `CASE WHEN ${hasOther} THEN translate(${folded(text)}, ${literal(whiteSpace)}, '') ELSE replace(${folded(text)}, ' ', '') END`;
}

type Side = 'left' | 'right';

/**
 * The SQL of at most 32 characters that are compared at one side of a text, of its 64 characters there. `wholePart`
 * makes of it what is compared.
 */
export function partOf(text: string, side: Side): string {
  return `${side}(${comparable(`${side}(${text}, 64)`)}, 32)`;
}

/**
 * The SQL of the first or last 32 characters that are compared; of a text with much white space there, all that are
 * compared. A database computes an expression as often as it is written within a CASE, so both are to be columns.
 * @param part the column of `partOf` the text
 */
export function wholePart(text: string, part: string, side: Side): string {
  return `CASE WHEN length(${text}) > 64 AND length(${part}) < 32 THEN ${side}(${comparable(text)}, 32) ELSE ${part} END`;
}
