import type { IncomingMessage } from 'node:http';
import { currentScope, OperationScope } from '../database/operation-scope.js';
import { openRequest, type RequestContext } from '../observability/request-context.js';
import type { Handler } from './handler.js';

export const requestIdHeader = 'x-request-id';

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context of a request; made at the first call. */
export function requestContextOf(request: IncomingMessage): RequestContext {
  const known = contexts.get(request);
  if (known !== undefined) return known;
  const context = openRequest(request.headers[requestIdHeader]);
  contexts.set(request, context);
  return context;
}

/** Sets the context that a request has from here on. */
export function setRequestContext(request: IncomingMessage, context: RequestContext): void {
  contexts.set(request, context);
}

/** Tells every client the id of its request: that of the header `x-request-id`, if it is well formed. */
export const answerRequestId: Handler = (request, response, next) => {
  response.setHeader(requestIdHeader, requestContextOf(request).id);
  next();
};

/** Runs the following handlers for the request, so that the lines they log have its id. */
export const withinRequest: Handler = (request, _response, next) => withinContext(requestContextOf(request), next);

/** A handler whose statements belong to the request, where that is recorded in a trace. */
export function inTracedRequest(handler: Handler): Handler {
  return (request, response, next) => {
    const context = requestContextOf(request);
    if (context.traced?.current?.isRecorded !== true) return handler(request, response, next);
    return withinContext(context, () => handler(request, response, next));
  };
}

/** Runs `work` for a request, so that the lines it logs have the request's id. */
export function withinContext<Result>(context: RequestContext, work: () => Result): Result {
  return new OperationScope(context).run(work);
}

/** For pino's `mixin`: the ids of the request that the running code works for, in each line. */
export function requestFields(): Record<string, string> {
  const request = currentScope()?.request ?? null;
  if (request === null) return {};
  const span = request.traced?.current ?? null;
  return {
    requestId: request.id,
    ...(request.operationId === null ? {} : { operationId: request.operationId }),
    ...(span === null ? {} : { traceId: span.traceId, spanId: span.spanId }),
  };
}
