import type { Response } from 'express';

/** Shorter than the time after which proxies close a silent connection. */
const keepAliveMs = 15_000;

/** Server-sent events as OpenAI's API sends them. */
export interface EventStream {
  readonly begun: boolean;
  /** Sends the headers, after which an error can only be told in the stream. */
  begin(): void;
  send(data: object): void;
  /** Ends a whole answer. */
  done(): void;
  /** Ends the stream with an error. */
  fail(error: object): void;
}

export function createEventStream(response: Response): EventStream {
  let begun = false;
  // A request that waits long for a worker would look dead to proxies.
  const timer = setInterval(() => {
    stream.begin();
    if (!response.writableEnded && !response.writableNeedDrain) response.write(': waiting\n\n');
  }, keepAliveMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
  const write = (data: string): void => {
    stream.begin();
    if (!response.writableEnded) response.write(`data: ${data}\n\n`);
  };
  const stream: EventStream = {
    get begun() {
      return begun;
    },
    begin() {
      if (begun || response.headersSent) return;
      begun = true;
      response.status(200).set({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies of nginx's family would collect events until a buffer is full.
        'x-accel-buffering': 'no',
      });
      response.flushHeaders();
    },
    send: (data) => write(JSON.stringify(data)),
    done() {
      write('[DONE]');
      response.end();
    },
    fail(error) {
      write(JSON.stringify({ error }));
      response.end();
    },
  };
  return stream;
}
