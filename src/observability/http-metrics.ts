import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The first segments of the API’s paths: what else somebody asks for is `other`. */
const routes: ReadonlySet<string> = new Set([
  ...['graphql', 'health', 'uploads', 'exports', 'dataset-exports', 'batch-predictions', 'v1', 'auth', 'projects'],
  'audit-log.jsonl',
]);

/** Times all requests of a server by the first segment of their path, whoever answers them. */
export function watchHttp(registry: Registry): (server: Server) => void {
  const duration = new Histogram({
    name: 'attune_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer. An event stream lasts as long as its subscriber.',
    labelNames: ['route', 'method', 'status'],
    buckets,
    registers: [registry],
  });
  const abandoned = new Counter({
    name: 'attune_http_requests_abandoned_total',
    help: 'Requests whose connection closed before they were answered.',
    labelNames: ['route'],
    registers: [registry],
  });
  const underWay = new Gauge({
    name: 'attune_http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers: [registry],
  });
  const connections = new Gauge({
    name: 'attune_http_connections',
    help: 'Open TCP connections, those of WebSockets among them.',
    registers: [registry],
  });
  return (server) => {
    server.on('connection', (socket) => {
      connections.inc();
      socket.once('close', () => connections.dec());
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const startedAt = performance.now();
      const route = routeOf(request.url ?? '');
      underWay.inc();
      response.once('close', () => {
        underWay.dec();
        if (!response.writableFinished) {
          abandoned.inc({ route });
          return;
        }
        const method = methods.has(request.method ?? '') ? request.method! : 'other';
        duration.observe({ route, method, status: response.statusCode }, (performance.now() - startedAt) / 1000);
      });
    });
  };
}

/** The route of a request's target: a path, or a whole URL (`http://host/path`). */
export function routeOf(url: string): string {
  const [, segment = ''] = /^(?:https?:\/\/[^/?#]*)?\/([^/?]*)/i.exec(url) ?? [];
  return segment === '' ? 'page' : routes.has(segment) ? segment : 'other';
}
