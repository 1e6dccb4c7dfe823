/**
 * A key that no other intention has: 128 random bits. `crypto.randomUUID` is missing on pages of plain HTTP, where
 * `getRandomValues` is there.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
