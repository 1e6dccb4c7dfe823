import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sha256Hex } from '../../protocol/sha256-hex.js';

const nonceBytes = 12;
const tagBytes = 16;

/** 256 random bits as 43 characters that fit a cookie and a URL. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The digest of a token, which is stored. Tokens are random, so a plain hash can't be guessed back. */
export function digestOf(token: string): string {
  return sha256Hex(token);
}

/** Encrypts (AES-256-GCM) with a key derived from the token alone: whoever has only the database can't decrypt it. */
export function seal(text: string, token: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Undoes `seal`. Throws when the token is another, or when the bytes were changed. */
export function unseal(sealed: Buffer, token: string): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(token), sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  return decipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
}

function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(token), Buffer.alloc(0), 'attune id token', 32));
}
