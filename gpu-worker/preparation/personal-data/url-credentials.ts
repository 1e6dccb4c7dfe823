import type { Finding } from './finding.js';

/** `user:password@` after `scheme://` (RFC 3986, 3.2.1); either side may be empty but not both. */
const userInfo =
  /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{1,30}):\/\/([^\s/?#@:"'<>[\]]{0,256}:[^\s/?#@"'<>[\]]{1,256})@(?=[\w[])/gi;

/** Passwords that stand for one: `https://user:password@host` in instructions is no secret. */
const placeholder = /^[^:]*:(?:[*x.]+|pass(?:word)?|pwd|secret|\$\{?\w+\}?|%\w+%|\{\{?\w+\}?\})$/i;

/** Finds the user name and the password of URLs: the span is `user:password`, since the rest is no secret. */
export function findUrlCredentials(text: string, found: Finding[]): void {
  for (const match of text.matchAll(userInfo)) {
    const start = match.index + match[1]!.length + '://'.length;
    const credentials = match[2]!;
    found.push({
      kind: 'URL_CREDENTIALS',
      detail: match[1]!.toLowerCase(),
      start,
      end: start + credentials.length,
      confidence: placeholder.test(credentials) ? 0.3 : 0.97,
    });
  }
}
