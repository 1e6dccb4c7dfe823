import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const keyBytes = 32;

/** A path that works without a credential until its time is over. */
interface SignedPath {
  readonly path: string;
  readonly expiresAt: Date;
}

/** Signs paths of downloads and uploads, and checks signatures. */
export interface SignedPaths {
  /** @param holder whom the path is given to, for a receiver that asks: it is signed too. Default: nobody. */
  sign(path: string, lifetimeSeconds: number, holder?: string | null): SignedPath;
  /** Whether the path was signed, with these search parameters, and its time is not over. */
  isSigned(path: string, parameters: SignatureParameters): boolean;
}

interface SignatureParameters {
  readonly expires?: unknown;
  readonly signature?: unknown;
  readonly holder?: unknown;
}

/**
 * A signature is HMAC-SHA-256 of the path, the time of its end and the holder, if it has one, under a key that is
 * derived from the server's secret: all API processes with one secret accept it, and another secret ends all links at
 * once.
 */
export function createSignedPaths(serverSecret: Buffer, now: () => Date): SignedPaths {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'attune download links', keyBytes));
  /** @param expires Unix time in seconds, as text */
  const signatureOf = (path: string, expires: string, holder: string | null): Buffer =>
    createHmac('sha256', key)
      .update([path, expires, ...(holder === null ? [] : [holder])].join('\n'))
      .digest();
  return {
    sign(path, lifetimeSeconds, holder = null) {
      const expires = Math.floor(now().getTime() / 1000) + lifetimeSeconds;
      const signature = signatureOf(path, String(expires), holder).toString('base64url');
      const parameters = new URLSearchParams({
        expires: String(expires),
        ...(holder === null ? {} : { holder }),
        signature,
      });
      return { path: `${path}?${parameters.toString()}`, expiresAt: new Date(expires * 1000) };
    },
    isSigned(path, { expires, signature, holder = null }) {
      if (typeof expires !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(expires)) return false;
      if (holder !== null && typeof holder !== 'string') return false;
      if (Number(expires) * 1000 <= now().getTime()) return false;
      const [given, right] = [Buffer.from(signature, 'base64url'), signatureOf(path, expires, holder)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
