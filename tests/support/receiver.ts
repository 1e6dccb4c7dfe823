import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Wake } from '../../src/events/wake.js';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server that keeps the requests it receives. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
  /** Waits until this many requests have come. */
  count(requests: number): Promise<readonly ReceivedRequest[]>;
}

/** @param respond answers a request, at once or later; by default with 204 */
export async function startReceiver(
  respond: (response: ServerResponse, request: ReceivedRequest, index: number) => void = (response) =>
    response.writeHead(204).end(),
): Promise<Receiver> {
  const received: ReceivedRequest[] = [];
  const arrived = new Wake();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      received.push(request);
      respond(response, request, received.length - 1);
      arrived.all();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closing = new AbortController();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    async count(requests) {
      while (received.length < requests && !closing.signal.aborted) await arrived.next(closing.signal);
      return received.slice(0, requests);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A resolver that finds these addresses for every name. */
export function resolvingTo(...addresses: string[]): typeof lookup {
  const resolve = (_name: string, _options: unknown, callback: (...results: unknown[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  return resolve as unknown as typeof lookup;
}
