import pg from 'pg';

const { TIMESTAMPTZ } = pg.types.builtins;
/** The type `text[]`, which the driver has no name for. */
const textArray = 1009;
const parseAnyTexts = pg.types.getTypeParser(textArray as typeof TIMESTAMPTZ) as (text: string) => (string | null)[];
const parseAny = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date | number;

/** Two decimal digits at a place. */
function pair(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

const [dot, plus, zero] = [0x2e, 0x2b, 0x30];

/**
 * A timestamptz as PostgreSQL writes it in UTC, as `2026-01-31 08:00:00.123456+00`, to the millisecond below. Other
 * forms (other zones, years beyond 9999, infinity) go to the driver's parser, which tries regular expressions and takes
 * longer: a page of the API holds hundreds of moments.
 */
export function parseTimestamp(text: string): Date | number {
  const end = text.length - 3;
  const isUtc = text.charCodeAt(end) === plus && text.charCodeAt(end + 1) === zero && text.charCodeAt(end + 2) === zero;
  if (!isUtc || text.charCodeAt(10) !== 0x20 || text.charCodeAt(0) === zero) return parseAny(text);
  let milliseconds = 0;
  if (end > 19) {
    if (text.charCodeAt(19) !== dot) return parseAny(text);
    for (let i = 20, worth = 100; i < end && worth >= 1; i += 1, worth /= 10) {
      milliseconds += (text.charCodeAt(i) - 48) * worth;
    }
  }
  return new Date(
    Date.UTC(
      pair(text, 0) * 100 + pair(text, 2),
      pair(text, 5) - 1,
      pair(text, 8),
      pair(text, 11),
      pair(text, 14),
      pair(text, 17),
      milliseconds,
    ),
  );
}

/** A list of texts, most of which PostgreSQL writes without quotes: `{news,"two words"}`. */
export function parseTexts(text: string): (string | null)[] {
  if (text === '{}') return [];
  return /["\\{]|NULL/i.test(text.slice(1)) ? parseAnyTexts(text) : text.slice(1, -1).split(',');
}

/** The driver's parsers, with those of moments and lists of texts in place of its own. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === TIMESTAMPTZ) return parseTimestamp;
    if (format !== 'binary' && oid === textArray) return parseTexts;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};
