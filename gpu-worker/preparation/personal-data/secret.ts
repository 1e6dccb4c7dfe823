import { ln } from '../../portable-math.js';
import type { Finding } from './finding.js';
import { assignment, authorization, issuedKeys } from './secret-patterns.js';

/** Finds keys and tokens by their issuers' forms, private keys in PEM, and values of fields such as `api_key`. */
export function findSecrets(text: string, longestToken: number, hasAssignment: boolean, found: Finding[]): void {
  if (longestToken >= 16) findIssuedKeys(text, found);
  if (longestToken >= 5 && text.includes('-----BEGIN ')) findPrivateKeys(text, found);
  if (hasAssignment) {
    findAssignments(text, found);
    for (const match of text.matchAll(authorization)) {
      const value = match[1]!;
      if (!isPlaceholder(value)) add('authorization', match.index + match[0].length - value.length, value, 0.85, found);
    }
  }
}

function findIssuedKeys(text: string, found: Finding[]): void {
  for (const match of text.matchAll(issuedKeys)) {
    const issuer = Object.entries(match.groups!).find(([, value]) => value !== undefined)![0];
    // `AKIA` and letters in a row is somebody's sample; a key has many different characters.
    const confidence = new Set(match[0]).size >= 8 ? 0.97 : 0.3;
    add(issuer, match.index, match[0], confidence, found);
  }
}

const pemBeginning = /-----BEGIN ((?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----/g;

function findPrivateKeys(text: string, found: Finding[]): void {
  let read = 0;
  for (const match of text.matchAll(pemBeginning)) {
    if (match.index < read) continue;
    const ending = `-----END ${match[1]}-----`;
    const at = text.indexOf(ending, match.index);
    // A key that was cut off is one to the end of the text.
    read = at < 0 ? text.length : at + ending.length;
    found.push({ kind: 'SECRET', detail: 'private key', start: match.index, end: read, confidence: 0.99 });
  }
}

function findAssignments(text: string, found: Finding[]): void {
  for (const match of text.matchAll(assignment)) {
    const quoted = match[2] ?? match[3];
    const value = quoted ?? match[4]!.replace(/[.!?:]+$/, '');
    const confidence = judgeValue(match[1]!, value, quoted !== undefined);
    if (confidence === 0) continue;
    const start = match.index + match[0].lastIndexOf(quoted ?? match[4]!);
    add(match[1]!.toLowerCase(), start, value, confidence, found);
  }
}

/** What people write where the value belongs. */
const placeholders =
  /^(?:[*.x•_-]+|<.*>|\$\{?.*\}?|%.*%|\{\{.*\}\}|your[\s_-].*|my[\s_-]?.*|some[\s_-].*|example.*|placeholder.*|change[\s_-]?me.*|redacted.*|null|none|undefined|true|false|required|optional|string|process\.env.*|os\.environ.*|env\..*|https?:\/\/[^@]*)$/i;

const isPlaceholder = (value: string): boolean => placeholders.test(value);

/** 0: no secret. A word of a sentence after `password:` has letters of one case alone; keys have many characters. */
function judgeValue(name: string, value: string, isQuoted: boolean): number {
  if (isPlaceholder(value) || value.length < 6) return 0;
  const hasDigit = /\d/.test(value);
  const hasLetter = /[a-z]/i.test(value);
  if (/pass|pwd|^pw$|contrase/i.test(name)) {
    if (/\s/.test(value)) return 0;
    const mixes = (hasDigit && hasLetter) || /[^\w\s]/.test(value.slice(1)) || /[a-z][A-Z]/.test(value);
    return mixes ? 0.75 : isQuoted ? 0.5 : 0;
  }
  if (/\s/.test(value) || !hasDigit || !hasLetter || value.length < 12) return 0;
  const bits = entropy(value);
  return bits >= 3.5 && value.length >= 16 ? 0.9 : bits >= 2.8 ? 0.6 : 0;
}

/** Shannon's entropy of a text's characters, in bits a character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let nats = 0;
  for (const count of counts.values()) nats -= (count / value.length) * ln(count / value.length);
  return nats / ln(2);
}

function add(detail: string, start: number, value: string, confidence: number, found: Finding[]): void {
  found.push({ kind: 'SECRET', detail, start, end: start + value.length, confidence });
}
