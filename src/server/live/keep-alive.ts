import type { WebSocket } from 'ws';

type Pinged = Pick<WebSocket, 'ping' | 'terminate' | 'on' | 'once' | 'readyState' | 'OPEN'>;

/** The sockets are pinged in so many portions, so that thousands of pings do not come at once. */
const portions = 12;

/**
 * Pings open sockets, each once in `everyMs`, and terminates those that have not answered when their next ping is due.
 * It has one timer for all of them: with timers and listeners of its own, an idle connection takes more memory.
 */
export class KeepAlive {
  private readonly sockets: Set<Pinged>[] = Array.from({ length: portions }, () => new Set());
  private readonly unanswered = new WeakSet<Pinged>();
  private readonly timer: NodeJS.Timeout;
  private turn = 0;

  constructor(everyMs: number) {
    this.timer = setInterval(() => this.pingPortion(), everyMs / portions);
    this.timer.unref();
  }

  /** Pings a socket from now on, until it closes. */
  add(socket: Pinged): void {
    // The portion that has just had its turn: the first ping comes after the whole time.
    const portion = this.sockets[(this.turn + portions - 1) % portions]!;
    portion.add(socket);
    const { unanswered } = this;
    socket.on('pong', function answered(this: WebSocket) {
      unanswered.delete(this);
    });
    socket.once('close', () => portion.delete(socket));
  }

  /** Pings the sockets whose turn it is. */
  pingPortion(): void {
    const portion = this.sockets[this.turn]!;
    this.turn = (this.turn + 1) % portions;
    for (const socket of portion) {
      if (this.unanswered.has(socket)) {
        socket.terminate();
      } else if (socket.readyState === socket.OPEN) {
        this.unanswered.add(socket);
        socket.ping();
      }
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}
