import type { IncomingMessage } from 'node:http';
import { answerText, type Handler, vary } from './handler.js';

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Headers, beside those that begin with X-Forwarded, which show that a proxy passed the request on. */
const passedOn: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]);

/** Whether only this machine can reach a server that listens on this address. */
export function isLoopback(listenHost: string): boolean {
  return loopbackNames.has(listenHost);
}

/** From where the server may be called. */
export interface OriginRules {
  readonly listenHost: string;
  /** The origin that people reach the server by; null: the address that the server listens on. */
  readonly publicUrl: string | null;
  /** Other origins whose pages may call the server. */
  readonly corsOrigins: readonly string[];
}

/**
 * Why a request is refused; null: the request is admitted.
 *
 * Whoever reaches a loopback port may do everything. Web pages must not, although their scripts run on this machine. A
 * page could give this server a name in its own domain (DNS rebinding): so a server that listens on a loopback address
 * answers only to loopback names and to the name of its public URL. And browsers let any page open a WebSocket to any
 * server: so a request that a page makes must come from this server's own page or from a listed origin.
 */
export function refusalOf(headers: IncomingMessage['headers'], rules: OriginRules): OriginRefusal | null {
  const host = parseHost(headers.host);
  if (host === null) return refusedHost('The Host header is missing or malformed.');
  const isKnown = loopbackNames.has(host.hostname) || host.host === hostOf(rules.publicUrl);
  if (loopbackNames.has(rules.listenHost) && !isKnown) return refusedHost('This server answers to localhost only.');
  const { origin } = headers;
  if (origin === undefined || origin === rules.publicUrl || rules.corsOrigins.includes(origin)) return null;
  return hostOf(origin) === host.host ? null : refusedOrigin(origin);
}

/** Why a request is refused. */
export interface OriginRefusal {
  /** The origin of the page that asks; null: it is not the origin that the request is refused for. */
  readonly origin: string | null;
  readonly message: string;
}

function refusedHost(message: string): OriginRefusal {
  return { origin: null, message };
}

function refusedOrigin(origin: string): OriginRefusal {
  const advice =
    origin === 'null'
      ? 'A page without an origin, such as one opened from a file, can not be allowed: serve it from a web server.'
      : "The server's operator can allow it: ATTUNE_CORS_ORIGINS lists the origins whose pages may call the API.";
  return { origin, message: `Pages of other origins have no access, and this one is of ${origin}. ${advice}` };
}

/**
 * Whether a request comes from this machine, as far as the server can know: it listens on a loopback address, and no
 * header shows a proxy. Such a request needs no credential.
 */
export function isLocalRequest(headers: IncomingMessage['headers'], listenHost: string): boolean {
  if (!loopbackNames.has(listenHost) || !loopbackNames.has(parseHost(headers.host)?.hostname ?? '')) return false;
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || passedOn.has(name));
}

/**
 * Middleware that answers 403 to refused requests. A page of an origin that is not listed may read the refusal: its
 * author would else see nothing but a failed fetch. So the browser's question (a preflight request) is answered, and
 * what it asked for is refused. The text says nothing about the viewer, whatever credentials come with the request.
 */
export function localOnly(rules: OriginRules, log: LogRefusedOrigin): Handler {
  return (request, response, next) => {
    const refusal = refusalOf(request.headers, rules);
    if (refusal === null) {
      next();
      return;
    }
    const { origin, message } = refusal;
    if (origin !== null) {
      log(origin);
      vary(response, 'Origin');
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-credentials', 'true');
      if (request.method === 'OPTIONS') {
        const asked = request.headers['access-control-request-headers'];
        response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT');
        if (asked !== undefined) response.setHeader('access-control-allow-headers', asked);
        response.setHeader('access-control-max-age', '0');
        response.statusCode = 204;
        response.end();
        return;
      }
    }
    response.statusCode = 403;
    answerText(response, 'text/plain', message);
  };
}

/** Tells the operator that pages of an origin were refused. */
export type LogRefusedOrigin = (origin: string) => void;

/** How many origins are remembered: any page can make up more. */
const maxLoggedOrigins = 100;
const maxOriginLength = 300;

/** Logs each refused origin once. */
export function refusedOriginLog(warn: (message: string) => void): LogRefusedOrigin {
  const logged = new Set<string>();
  return (given) => {
    const origin = given.slice(0, maxOriginLength);
    if (logged.has(origin) || logged.size >= maxLoggedOrigins) return;
    logged.add(origin);
    warn(`Refused a page of ${origin}: to let it call the API, add its origin to ATTUNE_CORS_ORIGINS`);
  };
}

type Host = Pick<URL, 'host' | 'hostname'>;

/** A server has few names, by which it is asked each time; any can be made up. */
const hosts = new Map<string, Host | null>();
const maxHosts = 100;
const maxHostLength = 300;

function parseHost(host: string | undefined): Host | null {
  if (host === undefined) return null;
  const known = hosts.get(host);
  if (known !== undefined) return known;
  const url = /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  const parsed = url === null ? null : { host: url.host, hostname: url.hostname };
  if (hosts.size < maxHosts && host.length <= maxHostLength) hosts.set(host, parsed);
  return parsed;
}

function hostOf(origin: string | null): string | null {
  return origin !== null && URL.canParse(origin) ? new URL(origin).host : null;
}
