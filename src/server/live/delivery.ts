import type { Batched } from '../../events/batched.js';
import type { AnswerOf } from './shared-answers.js';

/** Where the answers of one subscription go. */
export interface Sink {
  /** Whether it takes another answer now: what waits for a slow client is bounded by this. */
  hasRoom(): boolean;
  /** Calls `listener` once there may be room. */
  onRoom(listener: () => void): void;
  write(answers: readonly Buffer[]): void;
}

/** Events that are taken at a time: enough for the busiest run, and few enough to wait in memory for a slow client. */
const mostAtATime = 16;

/** The delivery of one subscription's events, from its first one to its last. */
export interface Delivery {
  /** Resolves after the last event, or after `end`; rejects with what ended the feed. */
  readonly done: Promise<void>;
  end(): Promise<void>;
}

/**
 * Takes events as they come, for as long as the sink has room, and writes their answers in the same order. Nothing runs
 * between two events but the feed's call.
 */
export function deliver(feed: Batched<unknown>, answerOf: AnswerOf, sink: Sink): Delivery {
  return new RunningDelivery(feed, answerOf, sink);
}

class RunningDelivery implements Delivery {
  readonly done: Promise<void>;
  private settle!: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  private isOver = false;
  private isBusy = false;
  /** Answers that are made and have no room yet. */
  private waiting: readonly Buffer[] = [];

  constructor(
    private readonly feed: Batched<unknown>,
    private readonly answerOf: AnswerOf,
    private readonly sink: Sink,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.go();
  }

  async end(): Promise<void> {
    if (this.isOver) return;
    this.finish();
    await this.feed.end();
  }

  private readonly go = (): void => {
    if (this.isBusy || this.isOver) return;
    this.isBusy = true;
    try {
      this.deliverAll();
    } catch (error) {
      this.fail(error);
    }
  };

  /** Leaves `isBusy` true while answers are made. */
  private deliverAll(): void {
    for (;;) {
      if (!this.writeWaiting()) {
        this.isBusy = false;
        this.sink.onRoom(this.go);
        return;
      }
      const taken = this.feed.take(mostAtATime, this.go);
      if (taken === 'ended') {
        this.finish();
        return;
      }
      if (taken === 'waiting') {
        this.isBusy = false;
        return;
      }
      const answers = taken.map(this.answerOf);
      if (answers.every((answer) => Buffer.isBuffer(answer))) {
        this.waiting = answers;
        continue;
      }
      (answers.length === 1 ? (answers[0] as Promise<Buffer>).then((answer) => [answer]) : Promise.all(answers)).then(
        (made) => {
          if (this.isOver) return;
          this.waiting = made;
          this.isBusy = false;
          this.go();
        },
        (error: unknown) => this.fail(error),
      );
      return;
    }
  }

  /** Writes as many answers as have room. Returns whether there is room for more. */
  private writeWaiting(): boolean {
    const { waiting, sink } = this;
    if (!sink.hasRoom()) return false;
    if (waiting.length === 0) return true;
    this.waiting = [];
    if (waiting.every(({ length }) => length <= smallBytes)) {
      sink.write(waiting);
      return sink.hasRoom();
    }
    for (let i = 0; i < waiting.length; i += 1) {
      sink.write([waiting[i]!]);
      if (!sink.hasRoom()) {
        this.waiting = waiting.slice(i + 1);
        return false;
      }
    }
    return true;
  }

  private finish(): void {
    this.isOver = true;
    this.waiting = [];
    this.settle.resolve();
  }

  private fail(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.waiting = [];
    this.settle.reject(error);
    this.feed.end().catch(() => undefined);
  }
}

/** A batch of answers up to this size is written in one go. */
const smallBytes = 2 * 1024;
