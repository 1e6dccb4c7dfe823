import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Headers that say that a request was passed on, besides those that begin with X-Forwarded. */
const passedOn: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]);

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(listenHost: string): boolean {
  return loopbackNames.has(listenHost);
}

/** From where the server may be called. */
export interface OriginRules {
  readonly listenHost: string;
  /** The URL that people reach it by, an origin; null: the address it listens on. */
  readonly publicUrl: string | null;
  /** Origins whose pages may call it, besides its own. */
  readonly corsOrigins: readonly string[];
}

/**
 * Why a request is refused, null when it is let in.
 *
 * Who reaches a loopback port may do everything. A web page that somebody visits must not, though its scripts run on this machine. It
 * could name this server by a domain of its own that resolves here (DNS rebinding): so a server that listens on a loopback address answers to
 * loopback names alone, and to the name of its public URL. And browsers let any page open a WebSocket anywhere: so a request that a page
 * makes must come from this server's own page, or from an origin that is listed.
 */
export function refusalOf(headers: IncomingMessage['headers'], rules: OriginRules): string | null {
  const host = parseHost(headers.host);
  if (host === null) return 'The Host header is missing or malformed.';
  const isKnown = loopbackNames.has(host.hostname) || host.host === hostOf(rules.publicUrl);
  if (loopbackNames.has(rules.listenHost) && !isKnown) return 'This server answers to localhost only.';
  const { origin } = headers;
  if (origin === undefined || origin === rules.publicUrl || rules.corsOrigins.includes(origin)) return null;
  return hostOf(origin) === host.host ? null : 'Pages of other origins have no access.';
}

/**
 * Whether a request comes from this machine, as far as can be known: the server listens on a loopback address, and nothing says that
 * somebody passed the request on. Such a request needs no credential.
 */
export function isLocalRequest(headers: IncomingMessage['headers'], listenHost: string): boolean {
  if (!loopbackNames.has(listenHost) || !loopbackNames.has(parseHost(headers.host)?.hostname ?? '')) return false;
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || passedOn.has(name));
}

/** Middleware that answers 403 to what is refused. */
export function localOnly(rules: OriginRules): RequestHandler {
  return (request, response, next) => {
    const refusal = refusalOf(request.headers, rules);
    if (refusal === null) next();
    else response.status(403).type('text/plain').send(refusal);
  };
}

function parseHost(host: string | undefined): URL | null {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
}

function hostOf(origin: string | null): string | null {
  return origin !== null && URL.canParse(origin) ? new URL(origin).host : null;
}
