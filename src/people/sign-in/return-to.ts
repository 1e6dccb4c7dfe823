/** Nowhere near this long; longer ones are somebody's experiment. */
const maxLength = 2000;
const here = 'http://attune.invalid';
/** These would sign in again, or end in an error. */
const never: ReadonlySet<string> = new Set(['/auth/sign-in', '/auth/callback']);

/**
 * Where to go after signing in: a path of this server, or `/` for anything else. Read as browsers read it, for whom `/\host`, `//host` and a
 * path that has a tab in it lead to other hosts.
 */
export function safeReturnTo(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || wanted.length > maxLength) return '/';
  if (!URL.canParse(wanted, here)) return '/';
  const { origin, pathname, search, hash } = new URL(wanted, here);
  // `/.//host` keeps the origin, but becomes `//host`.
  if (origin !== here || pathname.startsWith('//') || never.has(pathname)) return '/';
  return `${pathname}${search}${hash}`;
}
