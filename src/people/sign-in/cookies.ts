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
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    name,
    read(header) {
      for (const pair of header?.split(';') ?? []) {
        const at = pair.indexOf('=');
        if (at === -1 || pair.slice(0, at).trim() !== name) continue;
        const value = pair.slice(at + 1).trim();
        return token.test(value) ? value : null;
      }
      return null;
    },
    set: (value, maxAgeSeconds) => `${name}=${value}; ${attributes}; Max-Age=${maxAgeSeconds}`,
    clear: () => `${name}=; ${attributes}; Max-Age=0`,
  };
}
