import { isAlphanumeric, isAsciiLetter } from './characters.js';
import type { Finding } from './finding.js';

/** Domains that RFC 2606 and RFC 6761 keep for examples: an address there reaches nobody. */
const reserved = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$/i;

/** `logo@2x.png`: what follows the `@` is the end of a file name. */
const fileEnds = /\.(?:avif|bmp|css|gif|html?|ico|jpe?g|json|jsx?|mjs|pdf|png|svg|tiff?|tsx?|webp|xml)$/i;

/** RFC 5321 allows 64 octets before the `@` and 253 characters of a domain. */
const maxLocalLength = 64;
const maxDomainLength = 253;

const localSymbols = new Set([..."!#$%&'*+/=?^_`{|}~.-"].map((character) => character.charCodeAt(0)));

/** Letters beyond ASCII may stand on both sides (RFC 6531, RFC 5890). */
const isInternational = (code: number): boolean => code >= 0xc0 && code < 0xd800 && !(code >= 0x2000 && code <= 0x303f);
const isLocal = (code: number): boolean => isAlphanumeric(code) || localSymbols.has(code) || isInternational(code);
const isDomain = (code: number): boolean =>
  isAlphanumeric(code) || code === 0x2d || code === 0x2e || isInternational(code);

/** Finds e-mail addresses: from each `@` it reads outwards, so that its time grows with the text's length alone. */
export function findEmails(text: string, found: Finding[]): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < maxLocalLength && isLocal(text.charCodeAt(start - 1))) start--;
    // Quotes, slashes and the like before the first letter or digit belong to the sentence or to a path.
    while (start < at && !isAlphanumeric(text.charCodeAt(start)) && !isInternational(text.charCodeAt(start))) start++;
    start += text.slice(start, at).lastIndexOf('/') + 1;
    if (start === at || text.charCodeAt(at - 1) === 0x2e) continue;
    let end = at + 1;
    while (end < text.length && end - at <= maxDomainLength && isDomain(text.charCodeAt(end))) end++;
    while (end > at && !isAlphanumeric(text.charCodeAt(end - 1)) && !isInternational(text.charCodeAt(end - 1))) end--;
    const domain = text.slice(at + 1, end);
    if (!isDomainName(domain) || fileEnds.test(domain)) continue;
    const confidence = confidenceOf(text.slice(start, at), domain, text.charCodeAt(end));
    found.push({ kind: 'EMAIL', detail: domain.toLowerCase(), start, end, confidence });
  }
}

function isDomainName(domain: string): boolean {
  const labels = domain.split('.');
  if (labels.length < 2) return false;
  if (labels.some((label) => label.length === 0 || label.length > 63 || /^-|-$/.test(label))) return false;
  const top = labels.at(-1)!;
  // A top-level domain has two letters or more and no digit, except for `xn--…`.
  return top.length >= 2 && (/^xn--/i.test(top) || [...top].every((letter) => isTopLevelLetter(letter.charCodeAt(0))));
}

const isTopLevelLetter = (code: number): boolean => isAsciiLetter(code) || isInternational(code);

function confidenceOf(local: string, domain: string, next: number): number {
  if (reserved.test(domain)) return 0.1;
  // `git@host.org:path` is how a repository is named, and belongs to no person.
  if (local === 'git' && next === 0x3a) return 0.1;
  return 0.95;
}
