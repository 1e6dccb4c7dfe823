import type { PersonalDataKind, PersonalDataMask } from '../../../src/protocol/preparation/steps/personal-data.js';
import { isAlphanumeric } from './characters.js';
import type { Finding } from './finding.js';
import { keyedBytes } from './keyed-bytes.js';
import { pseudonymOf } from './pseudonym.js';
import type { Scan } from './scan.js';

/** Of a value with fewer letters and digits than this, the last four would say too much. */
const shortestWithLastFour = 8;

/** How often a masked text is scanned again at most. One time is enough but where a mask makes something new. */
const mostRounds = 8;

/**
 * A function that masks what `scan` finds. What it returns holds nothing that `scan` finds: where a mask of its own
 * makes a find (the last four letters of a password before `@host.org`), that one becomes a label. A text without finds
 * is returned as it is.
 */
export function createMask(scan: Scan, mask: PersonalDataMask, seed: number): (text: string) => string {
  return (text) => {
    let findings = scan(text);
    if (findings.length === 0) return text;
    let masked = replaced(text, findings, (finding, value) => maskOf(finding, value, mask, seed));
    for (let round = 1; round < mostRounds; round++) {
      findings = scan(masked);
      if (findings.length === 0) return masked;
      masked = replaced(masked, findings, ({ kind }) => `[${kind}]`);
    }
    return masked;
  };
}

function replaced(
  text: string,
  findings: readonly Finding[],
  maskOfFinding: (finding: Finding, value: string) => string,
): string {
  let result = '';
  let read = 0;
  for (const finding of findings) {
    result += text.slice(read, finding.start) + maskOfFinding(finding, text.slice(finding.start, finding.end));
    read = finding.end;
  }
  return result + text.slice(read);
}

function maskOf({ kind }: Finding, value: string, mask: PersonalDataMask, seed: number): string {
  switch (mask) {
    case 'LABEL':
      return `[${kind}]`;
    case 'MARK':
      return '*'.repeat([...value].length);
    case 'LAST_FOUR':
      return lastFour(value);
    case 'HASH':
      return hashLabel(kind, value, seed);
    case 'PSEUDONYM':
      return pseudonymOf(kind, value, normalOf(kind, value), seed) ?? hashLabel(kind, value, seed);
    default:
      mask satisfies never;
      return `[${kind}]`;
  }
}

function lastFour(value: string): string {
  const characters = [...value];
  const isShown = (character: string) => isAlphanumeric(character.codePointAt(0)!) || character.codePointAt(0)! > 0xbf;
  let hidden = characters.filter(isShown).length - 4;
  if (hidden < shortestWithLastFour - 4) return '*'.repeat(characters.length);
  return characters.map((character) => (isShown(character) && hidden-- > 0 ? '*' : character)).join('');
}

/** 16 letters from a to p, which are 64 bits: digits might be the number of something. */
function hashLabel(kind: PersonalDataKind, value: string, seed: number): string {
  const nextByte = keyedBytes(seed, kind, normalOf(kind, value));
  let letters = '';
  for (let byte = 0; byte < 8; byte++) {
    const bits = nextByte();
    letters += String.fromCharCode(0x61 + (bits >> 4), 0x61 + (bits & 15));
  }
  return `[${kind}:${letters}]`;
}

/** One form for all ways in which a value is written. */
function normalOf(kind: PersonalDataKind, value: string): string {
  switch (kind) {
    case 'PHONE':
      // `+` tells an international number from a region's own with the same digits.
      return value.replace(/[^\d+]/g, '');
    case 'PAYMENT_CARD':
    case 'IBAN':
    case 'NATIONAL_ID':
      return value.replace(/[^A-Za-z\d]/g, '').toUpperCase();
    case 'EMAIL':
    case 'IP_ADDRESS':
      return value.toLowerCase();
    case 'PERSON_NAME':
      return value.toLowerCase().replace(/\s+/g, ' ');
    case 'SECRET':
    case 'URL_CREDENTIALS':
      return value;
    default:
      kind satisfies never;
      return value;
  }
}
