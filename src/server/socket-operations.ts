import type { RawData, WebSocket } from 'ws';
import type { OperationScope } from '../database/operation-scope.js';
import type { StartedOperation } from '../observability/operation-observer.js';
import { MessageRate, type SocketLimitSettings } from './socket-limits.js';

/** The size of `{"id":"…","type":"complete"}` with an id of any sensible length. */
const maxCompleteBytes = 1024;
/** Close code of the WebSocket protocol: the client broke a rule of the server. */
const policyViolation = 1008;

/** Several large events; only a client that does not read accumulates more. */
const maxBufferedBytes = 16 * 2 ** 20;

/** Terminates a socket whose client does not read, because its send buffer would only grow. Returns whether it did. */
export function endUnread(socket: WebSocket): boolean {
  if (socket.bufferedAmount <= maxBufferedBytes) return false;
  socket.terminate();
  return true;
}

/** A running operation of a socket. */
interface Running {
  /** Null for a subscription, which the library ends. */
  readonly scope: OperationScope | null;
  /** What is done for the operation runs in this scope. */
  readonly within: OperationScope;
  /** Is told how the operation ends. */
  readonly observed: StartedOperation | null;
  /** Uncounts the operation. */
  readonly release: () => void;
}

/** The operations that run for one socket. They end when the client completes them or the socket closes. */
export class SocketOperations {
  private readonly byId = new Map<string, Running>();

  /** Follows the messages of a socket. */
  constructor(socket: WebSocket, limits: SocketLimitSettings) {
    const rate = new MessageRate(limits);
    socket.on('message', (data) => {
      // Each ping of a client that does not read adds a pong to the send buffer.
      if (endUnread(socket)) return;
      if (!rate.take()) {
        // Messages that are already received are ignored.
        socket.removeAllListeners('message');
        socket.close(policyViolation, 'Too many messages');
        return;
      }
      const id = completedId(data);
      if (id !== null) this.end(id);
    });
    socket.once('close', () => {
      for (const id of [...this.byId.keys()]) this.end(id);
    });
  }

  begin(id: string, running: Running): void {
    this.byId.set(id, running);
  }

  /** The client was told of errors, once or again: those of a subscription do not end it. */
  failed(id: string, codes: readonly string[]): void {
    this.byId.get(id)?.observed?.failed(codes);
  }

  /** Runs work for an operation, if it still runs, so that what it logs has the ids of the request. */
  within<Result>(id: string, work: () => Result): Result {
    const running = this.byId.get(id);
    return running === undefined ? work() : running.within.run(work);
  }

  /** Ends an operation: its answer was sent, or the client no longer wants it. */
  end(id: string): void {
    const running = this.byId.get(id);
    if (running === undefined) return;
    this.byId.delete(id);
    running.release();
    running.scope?.abandon();
  }
}

/**
 * The id in a message that completes an operation; null for all others. Most are told by their length, without parsing.
 */
function completedId(data: RawData): string | null {
  if (!Buffer.isBuffer(data) || data.length > maxCompleteBytes || !data.includes('"complete"')) return null;
  try {
    const message = JSON.parse(data.toString()) as { readonly type?: unknown; readonly id?: unknown } | null;
    return message?.type === 'complete' && typeof message.id === 'string' ? message.id : null;
  } catch {
    return null;
  }
}
