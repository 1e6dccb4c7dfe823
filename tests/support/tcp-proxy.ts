import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server, which a test cuts: what passes is real TCP. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections that were opened so far. */
  readonly opened: number;
  /** Where connections lead from now on; null: they are cut as soon as they are opened. */
  target: string | null;
  /** Cuts the connections that are open, without a word. */
  cut(): void;
  /**
   * Cuts every connection as soon as so many bytes in all have passed to the server, once; what passed before arrives.
   */
  cutAfterSent(bytes: number): Promise<void>;
  /** The same of bytes that have passed to the client. */
  cutAfterReceived(bytes: number): Promise<void>;
  /** Lets the next request arrive, and cuts its connection with the first byte of the answer, which never arrives. */
  loseNextAnswer(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let [sentBytes, receivedBytes] = [0, 0];
  let opened = 0;
  let cutAt: { readonly bytes: number; readonly done: () => void } | null = null;
  let receivedCut: { readonly bytes: number; readonly done: () => void } | null = null;
  let losing: (() => void) | null = null;
  const server = createServer((client) => {
    opened++;
    if (proxy.target === null) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(proxy.target);
    const upstream = connect(Number(port), hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      sentBytes += chunk.length;
      upstream.write(chunk, () => {
        if (cutAt === null || sentBytes < cutAt.bytes) return;
        const { done } = cutAt;
        cutAt = null;
        proxy.cut();
        done();
      });
    });
    upstream.on('data', (chunk: Buffer) => {
      if (losing !== null) {
        const done = losing;
        losing = null;
        client.destroy();
        done();
        return;
      }
      receivedBytes += chunk.length;
      client.write(chunk, () => {
        if (receivedCut === null || receivedBytes < receivedCut.bytes) return;
        const { done } = receivedCut;
        receivedCut = null;
        proxy.cut();
        done();
      });
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxy: TcpProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get opened() {
      return opened;
    },
    target,
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    cutAfterSent: (bytes) =>
      new Promise((resolve) => {
        cutAt = { bytes: sentBytes + bytes, done: resolve };
      }),
    cutAfterReceived: (bytes) =>
      new Promise((resolve) => {
        receivedCut = { bytes: receivedBytes + bytes, done: resolve };
      }),
    loseNextAnswer: () =>
      new Promise((resolve) => {
        losing = resolve;
      }),
    async [Symbol.asyncDispose]() {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
