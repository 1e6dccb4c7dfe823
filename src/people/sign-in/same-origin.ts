import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that changes something was made by a page of this server. Browsers bring the session's cookie along, whoever asks them
 * to; so the browser has to say where the request is from, and one that says nothing is refused.
 * @param publicUrl where people reach this server; null: at the address that the Host header names
 */
export function isFromOwnPage(headers: IncomingHttpHeaders, publicUrl: string | null): boolean {
  // Scripts can't set it, nor can they set Origin; it came later.
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin !== undefined && headers.origin === (publicUrl ?? `http://${headers.host}`);
}
