import { GraphQLError } from 'graphql';

/** Open WebSockets and event streams of one address; people behind one router share an address. */
const maxSocketsPerAddress = 200;
/** Running operations of one credential, over all its sockets and event streams in this process. */
const maxOperationsPerCredential = 1_000;
const messagesPerSecond = 50;
/** How many messages a client may send at once, such as all its subscriptions after a lost connection. */
const messageBurst = 500;

export interface SocketLimitSettings {
  readonly maxSocketsPerAddress: number;
  readonly maxOperationsPerCredential: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
}

export const socketLimits: SocketLimitSettings = {
  maxSocketsPerAddress,
  maxOperationsPerCredential,
  messagesPerSecond,
  messageBurst,
};

/** Counts things by name, up to a limit for each name. */
export class Counter {
  private readonly counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Counts one more; false: the limit is reached. */
  take(name: string): boolean {
    const count = this.counts.get(name) ?? 0;
    if (count >= this.most) return false;
    this.counts.set(name, count + 1);
    return true;
  }

  release(name: string): void {
    const count = this.counts.get(name) ?? 0;
    if (count <= 1) this.counts.delete(name);
    else this.counts.set(name, count - 1);
  }
}

/** Counts what long connections hold, over WebSockets and event streams of this process. */
export class ConnectionCounters {
  /** By address. */
  readonly connections: Counter;
  /** By credential. */
  readonly operations: Counter;

  constructor(private readonly limits: SocketLimitSettings) {
    this.connections = new Counter(limits.maxSocketsPerAddress);
    this.operations = new Counter(limits.maxOperationsPerCredential);
  }

  /**
   * Counts a connection that runs one operation. Returns why it is refused; null: it is counted until it closes.
   *
   * @param onClose keeps the work that is to be done when the connection closes, which it has not yet
   * @param payer the credential; null: none, which is not counted
   */
  take(address: string, payer: string | null, onClose: (work: () => void) => void): GraphQLError | null {
    if (!this.connections.take(address)) {
      return new GraphQLError(`One address opens at most ${this.limits.maxSocketsPerAddress} connections at a time.`, {
        extensions: { code: 'TOO_MANY_CONNECTIONS', limit: this.limits.maxSocketsPerAddress, http: { status: 429 } },
      });
    }
    onClose(() => this.connections.release(address));
    if (payer === null) return null;
    if (!this.operations.take(payer)) {
      return tooManyOperations(this.limits.maxOperationsPerCredential, 'One credential');
    }
    onClose(() => this.operations.release(payer));
    return null;
  }
}

export function tooManyOperations(most: number, where: string): GraphQLError {
  return new GraphQLError(`${where} runs at most ${most} operations at a time.`, {
    extensions: { code: 'TOO_MANY_OPERATIONS', limit: most, http: { status: 429 } },
  });
}

/** Admits messages at a rate, with bursts: a token bucket that refills with time. */
export class MessageRate {
  private left: number;
  private at: number;

  constructor(
    private readonly settings: Pick<SocketLimitSettings, 'messagesPerSecond' | 'messageBurst'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.left = settings.messageBurst;
    this.at = now();
  }

  /** Whether one more message is admitted now. */
  take(): boolean {
    const now = this.now();
    const { messagesPerSecond, messageBurst } = this.settings;
    this.left = Math.min(messageBurst, this.left + ((now - this.at) / 1000) * messagesPerSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
