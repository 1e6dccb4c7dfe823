import { createHmac, randomBytes } from 'node:crypto';

/** Signatures of Standard Webhooks (standardwebhooks.com): symmetric, version 1. */

const prefix = 'whsec_';
const generatedBytes = 32;
const minBytes = 24;
const maxBytes = 64;

export function generateSecret(): string {
  return prefix + randomBytes(generatedBytes).toString('base64');
}

/** The key in a secret `whsec_<base64 of 24 to 64 bytes>`; null for any other text. */
export function keyOfSecret(secret: string): Buffer | null {
  if (!secret.startsWith(prefix)) return null;
  const encoded = secret.slice(prefix.length);
  const key = Buffer.from(encoded, 'base64');
  const canonical = key.toString('base64');
  return key.length >= minBytes && key.length <= maxBytes && encoded === canonical ? key : null;
}

export const secretForm = `${prefix} and then the base64 of ${minBytes} to ${maxBytes} random bytes`;

/** The headers that sign a message. Each key gives a signature, and a receiver needs to know only one of the keys. */
export function signatureHeaders(
  message: { readonly id: string; readonly timestampSeconds: number; readonly body: string },
  keys: readonly Buffer[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { id, timestampSeconds, body } = message;
  const signed = `${id}.${timestampSeconds}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' '),
  };
}

/** The secret that has a key. */
export function secretOfKey(key: Buffer): string {
  return prefix + key.toString('base64');
}
