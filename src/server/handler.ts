import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request whose body may have been read. */
export type HttpRequest = IncomingMessage & { body?: unknown };

/**
 * A step of answering a request: it answers, or calls `next`, with an error if it failed. It needs nothing but Node's
 * own request and response, so that it runs in Express and without.
 */
export type Handler = (
  request: HttpRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void | Promise<void>;

/** Runs handlers one after the other, until one answers or fails. `fail` answers what one of them threw. */
export function inOrder(
  handlers: readonly Handler[],
  fail: (error: unknown, request: HttpRequest, response: ServerResponse) => void,
): (request: HttpRequest, response: ServerResponse) => void {
  return (request, response) => {
    const run = (at: number): void => {
      const handler = handlers[at];
      if (handler === undefined) return;
      const next = (error?: unknown): void => {
        if (error === undefined || error === null) run(at + 1);
        else fail(error, request, response);
      };
      try {
        const done = handler(request, response, next);
        if (done instanceof Promise) done.catch(next);
      } catch (error) {
        fail(error, request, response);
      }
    };
    run(0);
  };
}

/** Answers JSON with the status that the response has. */
export function answerJson(response: ServerResponse, body: unknown): void {
  answerText(response, 'application/json', JSON.stringify(body));
}

/** Answers a text of a media type, in UTF-8, with the status that the response has. */
export function answerText(response: ServerResponse, mediaType: string, text: string): void {
  response.setHeader('content-type', `${mediaType}; charset=utf-8`);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

/** Adds the name of a header to those that an answer depends on. */
export function vary(response: ServerResponse, header: string): void {
  const before = response.getHeader('vary');
  response.setHeader('vary', before === undefined ? header : `${before}, ${header}`);
}
