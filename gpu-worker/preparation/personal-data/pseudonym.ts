import type { PersonalDataKind } from '../../../src/protocol/preparation/steps/personal-data.js';
import { isAsciiLetter, isDigit } from './characters.js';
import { keyedBytes } from './keyed-bytes.js';
import { createScan } from './scan.js';

/** So often another value is drawn where an id's rule accepts what was drawn: one in ten passes a check digit. */
const mostAttempts = 64;

/** Finds a number that any rule accepts, however little certain. */
const findNumbers = createScan({
  kinds: ['PAYMENT_CARD', 'IBAN', 'NATIONAL_ID'],
  phoneRegions: [],
  leastConfidence: 0.02,
});

/**
 * A value of the same form that belongs to nobody, so that a scan does not find it: an address at example.com (RFC
 * 2606), in 2001:db8::/32 (RFC 3849) or in 240.0.0.0/4 (reserved); a telephone number that begins with 000 or +999; a
 * number of a card, an account or a person that no rule accepts. Equal values have equal pseudonyms, wherever they
 * stand. Undefined for what has no form of its own: keys, credentials and names.
 */
export function pseudonymOf(kind: PersonalDataKind, value: string, normal: string, seed: number): string | undefined {
  switch (kind) {
    case 'EMAIL':
      return `${sameForm(value.slice(0, value.lastIndexOf('@')), keyedBytes(seed, kind, normal))}@example.com`;
    case 'PHONE':
      return withUnassignedBeginning(sameForm(value, keyedBytes(seed, kind, normal)));
    case 'IP_ADDRESS':
      return reservedAddress(value, keyedBytes(seed, kind, normal));
    case 'PAYMENT_CARD':
    case 'IBAN':
    case 'NATIONAL_ID':
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        const drawn = sameForm(value, keyedBytes(seed, kind, normal, String(attempt)));
        if (drawn !== value && findNumbers(drawn).length === 0) return drawn;
      }
      return undefined;
    case 'SECRET':
    case 'URL_CREDENTIALS':
    case 'PERSON_NAME':
      return undefined;
    default:
      kind satisfies never;
      return undefined;
  }
}

/** Another digit for each digit, another letter of the same case for each ASCII letter; the rest stays. */
function sameForm(value: string, nextByte: () => number): string {
  let form = '';
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (isDigit(code)) form += nextByte() % 10;
    else if (isAsciiLetter(code)) form += String.fromCharCode((code < 0x61 ? 0x41 : 0x61) + (nextByte() % 26));
    else form += code < 0x80 ? value[index] : 'x';
  }
  return form;
}

/** No country's code begins with 999 and no number of a region with 000. */
function withUnassignedBeginning(number: string): string {
  const first = number.trimStart().replace('(', '').startsWith('+') ? '9' : '0';
  let replaced = 0;
  return number.replace(/\d/g, (digit) => (replaced++ < 3 ? first : digit));
}

function reservedAddress(address: string, nextByte: () => number): string {
  if (!address.includes(':')) return `${240 + (nextByte() % 15)}.${nextByte()}.${nextByte()}.${nextByte()}`;
  const groups = Array.from({ length: 6 }, () => (nextByte() * 256 + nextByte()).toString(16));
  return `2001:db8:${groups.join(':')}`;
}
