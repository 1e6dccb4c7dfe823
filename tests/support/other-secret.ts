/**
 * The URL with another value of one parameter, such as a token or a signature: its first character is another one. A
 * fixed character would be the right one now and then, and the last one of base64url may hold bits that count for
 * nothing.
 * @throws Error when the URL has no such parameter
 */
export function withOtherSecret(url: string, parameter: string): string {
  const start = new RegExp(`([?&]${parameter}=)(.)`);
  if (!start.test(url)) throw new Error(`${url} has no ${parameter}.`);
  return url.replace(start, (_, before: string, first: string) => `${before}${first === 'A' ? 'B' : 'A'}`);
}
