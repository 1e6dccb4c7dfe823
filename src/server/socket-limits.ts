/** WebSockets of one address; people behind one router share one. */
const maxSocketsPerAddress = 200;
/** Operations of one credential, over all its sockets on this process. */
const maxOperationsPerCredential = 1_000;
const messagesPerSecond = 50;
/** What a client may send at once, such as all its subscriptions after a lost connection. */
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

/** How many of something there are of each name, up to a limit. */
export class Counter {
  private readonly counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Takes one more; false: there are as many as there may be. */
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

/** Lets through a rate of messages, and a burst of them: a bucket that fills with time. */
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

  /** Whether one more message may come now. */
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
