/**
 * A service's URL for those who may not administer the project: what follows the “?” may be a token, by which the
 * service knows who asks.
 */
export function withoutQuery(url: string): string {
  const read = new URL(url);
  if (read.search === '') return url;
  read.search = '';
  return `${read.href}?…`;
}
