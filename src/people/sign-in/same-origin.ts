import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of this server made a request that changes something. Browsers attach the session's cookie to requests
 * of any page, so the browser must say where the request comes from; a request without that is refused.
 * @param publicUrl where people reach this server; null: at the address that the Host header names
 */
export function isFromOwnPage(headers: IncomingHttpHeaders, publicUrl: string | null): boolean {
  // Neither this header nor Origin can be set by scripts. Older browsers send Origin alone.
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin !== undefined && headers.origin === (publicUrl ?? `http://${headers.host}`);
}
