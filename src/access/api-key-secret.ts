import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../protocol/sha256-hex.js';

/** A fixed prefix makes leaked keys findable: secret scanners search for prefixes. */
const prefix = 'attune_';
const secretBytes = 32;
const hintLength = prefix.length + 6;
const form = /^attune_[\w-]{43}$/;

/**
 * A new key: the secret, which is shown once; its digest, which is stored; and its beginning, which tells keys apart.
 */
export function newApiKeySecret(): { readonly secret: string; readonly digest: string; readonly hint: string } {
  const secret = prefix + randomBytes(secretBytes).toString('base64url');
  return { secret, digest: sha256Hex(secret), hint: secret.slice(0, hintLength) };
}

/**
 * The digest under which the database stores a key; null when `secret` has not the form of a key. 256 random bits need
 * no slow hash: nobody can guess a key from its digest, and the timing of a look-up by digest reveals nothing.
 */
export function digestOfApiKey(secret: string): string | null {
  return form.test(secret) ? sha256Hex(secret) : null;
}
