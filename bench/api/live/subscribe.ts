import { type Child, startChild } from '../child.js';

/** One operation of a subscriber; null: the connection alone. */
export type Subscription = { readonly query: string; readonly variables: object } | null;

export type SubscribersQuestion =
  | {
      readonly kind: 'open';
      readonly url: string;
      readonly sockets: readonly { readonly localAddress: string; readonly subscription: Subscription }[];
    }
  /** The fewest messages that a subscriber has received. */
  | { readonly kind: 'received' }
  | { readonly kind: 'begin'; readonly afterSeq: number }
  | { readonly kind: 'collect'; readonly each: number; readonly withinMs: number }
  | { readonly kind: 'close' };

export interface Collected {
  readonly delivered: number;
  /** Milliseconds from the measurement of a step to its message in a subscriber's hands. */
  readonly latencies: readonly number[];
  /** Messages that were not the next after the subscriber's last one. */
  readonly outOfOrder: number;
  /** Of the last message, on the shared clock. */
  readonly lastAt: number;
  /** Sockets that the server has closed. */
  readonly closed: number;
}

export type SubscribersAnswer = Collected | number | null;

export interface Subscribers {
  /** Opens a socket for each subscription. @throws Error when one is refused */
  open(url: string, subscriptions: readonly Subscription[]): Promise<void>;
  /** The fewest messages that a subscriber has received since it was opened, or since `begin`. */
  received(): Promise<number>;
  /** Forgets what was received, and ignores messages up to `afterSeq`. */
  begin(afterSeq: number): Promise<void>;
  /** Waits until every subscriber has so many messages, but not longer than `withinMs`. */
  collect(each: number, withinMs: number): Promise<Collected>;
  close(): Promise<void>;
  end(): Promise<void>;
}

/** The API admits so many connections from one address: so clients have many, which Linux gives to the loopback. */
const socketsPerAddress = 200;

export function startSubscribers(processes: number): Subscribers {
  const children: Child<SubscribersQuestion, SubscribersAnswer>[] = Array.from({ length: processes }, () =>
    startChild('live/subscribers'),
  );
  const askAll = <Answer extends SubscribersAnswer>(question: SubscribersQuestion): Promise<Answer[]> =>
    Promise.all(children.map((child) => child.ask(question) as Promise<Answer>));
  return {
    async open(url, subscriptions) {
      const sockets = subscriptions.map((subscription, i) => ({
        localAddress: `127.0.0.${2 + Math.floor(i / socketsPerAddress)}`,
        subscription,
      }));
      await Promise.all(
        children.map((child, part) =>
          child.ask({ kind: 'open', url, sockets: sockets.filter((_, i) => i % processes === part) }),
        ),
      );
    },
    received: async () => Math.min(...(await askAll<number>({ kind: 'received' }))),
    async begin(afterSeq) {
      await askAll({ kind: 'begin', afterSeq });
    },
    async collect(each, withinMs) {
      const parts = await askAll<Collected>({ kind: 'collect', each, withinMs });
      const sumOf = (key: 'delivered' | 'outOfOrder' | 'closed'): number =>
        parts.reduce((sum, part) => sum + part[key], 0);
      return {
        delivered: sumOf('delivered'),
        outOfOrder: sumOf('outOfOrder'),
        closed: sumOf('closed'),
        lastAt: Math.max(...parts.map(({ lastAt }) => lastAt)),
        latencies: parts.flatMap(({ latencies }) => latencies),
      };
    },
    async close() {
      await askAll({ kind: 'close' });
    },
    async end() {
      await Promise.all(children.map((child) => child.end()));
    },
  };
}
