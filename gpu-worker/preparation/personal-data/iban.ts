import { countrySpecs, isValidIBAN } from 'ibantools';
import { isAlphanumeric, isHyphen, isNumberSpace, isWordCharacter } from './characters.js';
import type { Finding } from './finding.js';

/** Two letters of a country and two check digits: the beginning of every IBAN (ISO 13616). */
const beginning = /[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])/g;

/** The length of an IBAN for each country that issues them. */
const lengths = new Map(
  Object.entries(countrySpecs).flatMap(([country, { chars, IBANRegistry }]) =>
    chars && IBANRegistry ? [[country, chars] as const] : [],
  ),
);

/** Finds IBANs, in one piece or in groups: the country says the length, and the check digits are those of mod 97. */
export function findIbans(text: string, found: Finding[]): void {
  for (const match of text.matchAll(beginning)) {
    const start = match.index;
    if (start > 0 && isWordCharacter(text.charCodeAt(start - 1))) continue;
    const country = match[0].slice(0, 2).toUpperCase();
    const length = lengths.get(country);
    if (length === undefined) continue;
    const read = readGroups(text, start, length);
    if (!read || !isValidIBAN(read.compact)) continue;
    found.push({ kind: 'IBAN', detail: country, start, end: read.end, confidence: 0.98 });
  }
}

/** Reads so many letters and digits, with at most one space or hyphen between two of them. */
function readGroups(text: string, start: number, length: number): { compact: string; end: number } | undefined {
  let compact = '';
  let index = start;
  for (; compact.length < length; index++) {
    const code = text.charCodeAt(index);
    if (isAlphanumeric(code)) compact += text[index];
    else if (!(isNumberSpace(code) || isHyphen(code)) || !isAlphanumeric(text.charCodeAt(index + 1))) return undefined;
  }
  if (isWordCharacter(text.charCodeAt(index))) return undefined;
  return { compact: compact.toUpperCase(), end: index };
}
