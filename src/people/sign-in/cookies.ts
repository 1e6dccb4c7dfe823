/** A cookie that scripts can't read and other sites' requests, navigation aside, don't bring along. */
export interface Cookie {
  readonly name: string;
  /** Its value in a request's Cookie header; null when it is not there or is none of ours. */
  read(header: string | undefined): string | null;
  /** A Set-Cookie header that keeps `value` for so many seconds. */
  set(value: string, maxAgeSeconds: number): string;
  /** A Set-Cookie header that removes it. */
  clear(): string;
}

/** What our cookies hold: 256 random bits, base64url. */
const token = /^[\w-]{43}$/;

/**
 * Over TLS the name gets the prefix `__Host-`: then browsers take the cookie from this very host alone, and no neighbouring host can plant
 * one. Without TLS, on a loopback address, there is no such protection.
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
