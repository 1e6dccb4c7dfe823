import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

const headersTimeoutMs = 10_000;

/**
 * Answers `GET /metrics` in Prometheus’ text format, on a port of its own, which no proxy of the API passes on. It does
 * not listen yet.
 *
 * @param token what a scrape must send as a bearer token; null: nothing
 * @param onFailed called with what kept a scrape from being answered
 */
export function createMetricsServer(
  registry: Registry,
  token: string | null,
  onFailed: (error: unknown) => void,
): Server {
  const server = createServer({ headersTimeout: headersTimeoutMs }, (request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (request.url?.split('?')[0] !== '/metrics') {
      answer(404, 'text/plain', 'Metrics are at /metrics.\n');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      answer(405, 'text/plain', 'Metrics are read by GET.\n');
      return;
    }
    if (token !== null && !isSame(request.headers.authorization ?? '', `Bearer ${token}`)) {
      response.setHeader('www-authenticate', 'Bearer realm="Attune metrics"');
      answer(401, 'text/plain', 'Send ATTUNE_METRICS_TOKEN as `Authorization: Bearer …`.\n');
      return;
    }
    registry.metrics().then(
      (text) => answer(200, registry.contentType, text),
      (error: unknown) => {
        onFailed(error);
        answer(500, 'text/plain', 'The metrics could not be read; the log says why.\n');
      },
    );
  });
  // A scrape must not keep a process from ending.
  server.unref();
  return server;
}

/** Compares in a time that does not depend on where the texts differ. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
