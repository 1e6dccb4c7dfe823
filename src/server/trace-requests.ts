import { routeOf } from '../observability/http-metrics.js';
import { type RemotePlace, TracedRequest, type Tracing } from '../observability/tracing.js';
import type { Handler } from './handler.js';
import { requestContextOf, setRequestContext } from './request-ids.js';

/** Begins a span for each request, within the client's own where its headers say which that is. */
export function traceRequests(tracing: Tracing): Handler {
  return (request, response, next) => {
    const context = requestContextOf(request);
    const { method = '' } = request;
    const route = `/${routeOf(request.url ?? '')}`;
    const span = tracing.start(`${method} ${route}`, placeIn(request.headers), {
      kind: 'server',
      attributes: { 'http.request.method': method, 'http.route': route, 'attune.request.id': context.id },
    });
    const traced = new TracedRequest(span, (name, attributes) => span.child(name, { attributes }));
    setRequestContext(request, { ...context, traced });
    // Most requests are not kept, and their end is nothing to write down.
    if (!span.isRecorded) return next();
    response.once('close', () => {
      const { statusCode, writableFinished } = response;
      if (!writableFinished) span.fail('abandoned');
      else {
        span.set({ 'http.response.status_code': statusCode });
        if (statusCode >= 500) span.fail(String(statusCode));
      }
      span.end();
    });
    next();
  };
}

/**
 * An operation of a WebSocket has a span of its own within the client's: that of the operation's `extensions`, else
 * that of its connection.
 */
export function traceSocketOperation(
  tracing: Tracing,
  connection: RemotePlace | null,
  extensions: unknown,
): TracedRequest {
  const place = placeIn(extensions) ?? connection;
  return new TracedRequest(null, (name, attributes) => tracing.start(name, place, { kind: 'server', attributes }));
}

/** `traceparent` and `tracestate` among headers, the parameters of a connection, or an operation's extensions. */
export function placeIn(fields: unknown): RemotePlace | null {
  if (typeof fields !== 'object' || fields === null || !('traceparent' in fields)) return null;
  const { traceparent } = fields;
  if (typeof traceparent !== 'string') return null;
  const tracestate = 'tracestate' in fields && typeof fields.tracestate === 'string' ? fields.tracestate : undefined;
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}
