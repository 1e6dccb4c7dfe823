import { createHash, randomBytes } from 'node:crypto';

/** Makes leaked keys findable: scanners look for prefixes. */
const prefix = 'attune_';
const secretBytes = 32;
const hintLength = prefix.length + 6;
const form = /^attune_[\w-]{43}$/;

/** A new key: the secret itself, shown once; its digest, which is kept; and its beginning, to tell keys apart by. */
export function newApiKeySecret(): { readonly secret: string; readonly digest: string; readonly hint: string } {
  const secret = prefix + randomBytes(secretBytes).toString('base64url');
  return { secret, digest: digestOf(secret), hint: secret.slice(0, hintLength) };
}

/**
 * What the database knows a key by; null when it is none. 256 random bits need no slow hash: they can't be guessed from their digest,
 * and the look-up by digest leaks nothing by its timing.
 */
export function digestOfApiKey(secret: string): string | null {
  return form.test(secret) ? digestOf(secret) : null;
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
