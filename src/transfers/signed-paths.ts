import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const keyBytes = 32;

/** A path that works without a credential until its time is over. */
interface SignedPath {
  readonly path: string;
  readonly expiresAt: Date;
}

/** Signs paths of downloads, and checks signatures. */
export interface SignedPaths {
  sign(path: string, lifetimeSeconds: number): SignedPath;
  /** Whether the path was signed, with these search parameters, and its time is not over. */
  isSigned(path: string, parameters: { readonly expires?: unknown; readonly signature?: unknown }): boolean;
}

/**
 * A signature is HMAC-SHA-256 of the path and the time of its end, under a key that is derived from the server's
 * secret: all API processes with one secret accept it, and another secret ends all links at once.
 */
export function createSignedPaths(serverSecret: Buffer, now: () => Date): SignedPaths {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'attune download links', keyBytes));
  /** @param expires Unix time in seconds, as text */
  const signatureOf = (path: string, expires: string): Buffer =>
    createHmac('sha256', key).update(`${path}\n${expires}`).digest();
  return {
    sign(path, lifetimeSeconds) {
      const expires = Math.floor(now().getTime() / 1000) + lifetimeSeconds;
      const signature = signatureOf(path, String(expires)).toString('base64url');
      return { path: `${path}?expires=${expires}&signature=${signature}`, expiresAt: new Date(expires * 1000) };
    },
    isSigned(path, { expires, signature }) {
      if (typeof expires !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(expires)) return false;
      if (Number(expires) * 1000 <= now().getTime()) return false;
      const [given, right] = [Buffer.from(signature, 'base64url'), signatureOf(path, expires)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
