import { parseCookie, stringifySetCookie } from 'cookie';

/**
 * A cookie that scripts can't read, and that browsers send with other sites' requests only when those are navigations.
 */
export interface Cookie {
  readonly name: string;
  /** The cookie's value in a request's Cookie header; null when the cookie is missing or its value has not our form. */
  read(header: string | undefined): string | null;
  /** A Set-Cookie header that keeps `value` for `maxAgeSeconds`. */
  set(value: string, maxAgeSeconds: number): string;
  /** A Set-Cookie header that removes the cookie. */
  clear(): string;
}

/** The form of our cookies' values: 256 random bits, base64url. */
const token = /^[\w-]{43}$/;

/**
 * Over TLS the name gets the prefix `__Host-`: browsers then accept the cookie from this very host alone, and no
 * neighbouring host can plant one. Without TLS, on a loopback address, this protection is missing.
 */
export function cookie(plainName: string, secure: boolean): Cookie {
  const name = secure ? `__Host-${plainName}` : plainName;
  const attributes = { name, path: '/', httpOnly: true, secure, sameSite: 'lax' } as const;
  return {
    name,
    read(header) {
      const value = header === undefined ? undefined : parseCookie(header)[name];
      return value !== undefined && token.test(value) ? value : null;
    },
    set: (value, maxAge) => stringifySetCookie({ ...attributes, value, maxAge }),
    clear: () => stringifySetCookie({ ...attributes, value: '', maxAge: 0 }),
  };
}
