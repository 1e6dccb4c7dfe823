import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import type { RawData, WebSocket } from 'ws';
import type { OperationScope } from '../database/operation-scope.js';
import { MessageRate, type SocketLimitSettings } from './socket-limits.js';

/** `{"id":"…","type":"complete"}` with an id of any sensible length. */
const maxCompleteBytes = 1024;
/** Of WebSockets themselves: against a rule of the server's. */
const policyViolation = 1008;

/** A few large events; more than this only where nobody reads. */
const maxBufferedBytes = 16 * 2 ** 20;

/** Ends a socket whose client does not read: what is held for it would only grow. Returns whether it did. */
export function endUnread(socket: WebSocket): boolean {
  if (socket.bufferedAmount <= maxBufferedBytes) return false;
  socket.terminate();
  return true;
}

/** An operation of a socket. */
interface Running {
  /** Null for a subscription, which the library ends. */
  readonly scope: OperationScope | null;
  /** Gives back what was counted for it. */
  readonly release: () => void;
}

/** The operations that run for one socket: they end when the client says so, or goes. */
export class SocketOperations {
  private readonly byId = new Map<string, Running>();

  /** Follows the messages of a socket. */
  constructor(socket: WebSocket, limits: SocketLimitSettings) {
    const rate = new MessageRate(limits);
    socket.on('message', (data) => {
      // Every ping of a client that reads nothing makes an answer that waits for it.
      if (endUnread(socket)) return;
      if (!rate.take()) {
        // What is on its way already is not looked at any more.
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

  /** Nobody waits for it any more: its answer was sent, or is not wanted. */
  end(id: string): void {
    const running = this.byId.get(id);
    if (running === undefined) return;
    this.byId.delete(id);
    running.release();
    running.scope?.abandon();
  }

  /** Executes a query or a change. One that was ended before its answer was there answers with why. */
  async execute(args: ExecutionArgs, scope: OperationScope): Promise<ExecutionResult> {
    try {
      const result = await scope.run(() => execute(args));
      const { ended } = scope;
      if (ended === null || !result.errors?.some(({ originalError }) => originalError === ended)) return result;
      return { errors: [new GraphQLError(ended.message, { extensions: { code: ended.code } })] };
    } finally {
      scope.close();
    }
  }
}

/** The id in a message that ends an operation; null for all others, most of which are told by their length, without being read. */
function completedId(data: RawData): string | null {
  if (!Buffer.isBuffer(data) || data.length > maxCompleteBytes || !data.includes('"complete"')) return null;
  try {
    const message = JSON.parse(data.toString()) as { readonly type?: unknown; readonly id?: unknown } | null;
    return message?.type === 'complete' && typeof message.id === 'string' ? message.id : null;
  } catch {
    return null;
  }
}
