/** Paths of this server are nowhere near this long; a longer one is not ours. */
const maxLength = 2000;
const here = 'http://attune.invalid';
/** These paths would sign in again, or end in an error. */
const never: ReadonlySet<string> = new Set(['/auth/sign-in', '/auth/callback']);

/**
 * The path to open after signing in: `wanted` if it is a path of this server, else `/`. It is parsed as browsers parse
 * it: for them `/\host`, `//host` and a path with a tab in it lead to other hosts.
 */
export function safeReturnTo(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || wanted.length > maxLength) return '/';
  if (!URL.canParse(wanted, here)) return '/';
  const { origin, pathname, search, hash } = new URL(wanted, here);
  // `/.//host` keeps the origin, but becomes `//host`.
  if (origin !== here || pathname.startsWith('//') || never.has(pathname)) return '/';
  return `${pathname}${search}${hash}`;
}
