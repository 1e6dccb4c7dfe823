import { once } from 'node:events';
import WebSocket, { type ClientOptions } from 'ws';

/** A WebSocket whose every message is written by hand. */
export interface RawSocket {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The next message of one of these types; one caller at a time. */
  next(...types: readonly string[]): Promise<Record<string, unknown>>;
  /** Code and reason, once the socket has closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Opens a socket to the GraphQL path, by default with the protocol's name. */
export async function openRawSocket(
  url: string,
  options: ClientOptions & { readonly protocol?: string } = {},
): Promise<RawSocket> {
  const { protocol = 'graphql-transport-ws', ...others } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, others);
  const messages: Record<string, unknown>[] = [];
  let notify = (): void => undefined;
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    notify();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, 'open');
  return {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(...types) {
      while (true) {
        const at = messages.findIndex(({ type }) => types.includes(String(type)));
        if (at !== -1) return messages.splice(at, 1)[0]!;
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    },
    closed,
  };
}
