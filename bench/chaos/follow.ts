import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const document = `subscription ($id: ID!, $afterSeq: Int!) { experimentEvents(experimentId: $id, afterSeq: $afterSeq) {
  ... on StatusChanged { seq to } ... on MetricsRecorded { seq } ... on CheckpointSaved { seq } ... on LogLine { seq message }
  ... on ProgressMade { seq } } }`;

interface SeenEvent {
  readonly seq: number;
  readonly to?: string;
  readonly message?: string;
}

const ended: ReadonlySet<string | undefined> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED']);
const reconnectMs = 200;

/** What a subscriber of one training has seen by now. */
export interface Follower {
  readonly seqs: readonly number[];
  /** How often it had to connect again. */
  reconnects(): number;
  /** Cuts its connection, as a network does. */
  drop(): void;
  /** Resolves after the event that ends the training. */
  readonly finished: Promise<void>;
}

/** A connection: calls `onEvent` for each event, resolves when it has ended, and ends when the signal is aborted. */
type Connect = (
  url: string,
  variables: { readonly id: string; readonly afterSeq: number },
  onEvent: (event: SeenEvent) => void,
  signal: AbortSignal,
) => Promise<void>;

/**
 * Follows a training to its end. Whenever the connection ends before, it goes on after the last seq that it saw, at
 * the next API.
 * @param firstApi the API that it asks first
 */
export function follow(
  site: { readonly apis: readonly { readonly url: string }[] },
  id: string,
  transport: 'WebSocket' | 'SSE',
  firstApi: number,
  until: AbortSignal,
): Follower {
  const seqs: number[] = [];
  let connections = 0;
  let isOver = false;
  let connection = new AbortController();
  const connect = transport === 'WebSocket' ? overWebSocket : overEventStream;

  const run = async (): Promise<void> => {
    while (!isOver) {
      until.throwIfAborted();
      connection = new AbortController();
      const { url } = site.apis[(firstApi + connections) % site.apis.length]!;
      connections += 1;
      await connect(
        url,
        { id, afterSeq: seqs.at(-1) ?? 0 },
        ({ seq, to }) => {
          seqs.push(seq);
          isOver ||= ended.has(to);
        },
        AbortSignal.any([connection.signal, until]),
      ).catch(() => undefined);
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, reconnectMs));
    }
  };
  const finished = run();
  // Whoever waits for it gets the error; until then it is not unhandled.
  finished.catch(() => undefined);
  return { seqs, reconnects: () => connections - 1, drop: () => connection.abort(), finished };
}

const overWebSocket: Connect = async (url, variables, onEvent, signal) => {
  const endpoint = new URL('/graphql', url);
  endpoint.protocol = 'ws:';
  let socket: WebSocket | null = null;
  const client = createClient({
    url: endpoint.href,
    webSocketImpl: class extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        socket = this;
      }
    },
    // This follower connects again by itself, after the last seq.
    retryAttempts: 0,
  });
  const cut = () => socket?.terminate();
  signal.addEventListener('abort', cut, { once: true });
  try {
    for await (const { data } of client.iterate<{ experimentEvents: SeenEvent }>({ query: document, variables })) {
      if (data) onEvent(data.experimentEvents);
    }
  } finally {
    signal.removeEventListener('abort', cut);
    await client.dispose();
  }
};

const overEventStream: Connect = async (url, variables, onEvent, signal) => {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: document, variables }),
    signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const line = message.split('\n').find((each) => each.startsWith('data:'));
      const data = line === undefined || line.length <= 6 ? null : JSON.parse(line.slice(5));
      if (data?.data?.experimentEvents) onEvent(data.data.experimentEvents);
    }
  }
};
