import { WebSocket } from 'ws';
import type { Subscription } from './subscribe.js';

/** A subscriber that can stand still; where the server hangs up, it subscribes again after the last event it has. */
export interface SlowConsumer {
  /** The last seq of an unbroken row from the first on. */
  readonly lastSeq: number;
  /** How often it had to connect again. */
  readonly reconnections: number;
  /** Reads nothing from the connection any more. */
  pause(): void;
  resume(): void;
  close(): void;
}

/**
 * @param subscriptionAfter what to ask for events after a seq
 * @param onLost called when an event is not the next one
 */
export function startSlowConsumer(
  url: string,
  subscriptionAfter: (seq: number) => Subscription,
  onLost: (error: Error) => void,
): SlowConsumer {
  let lastSeq = 0;
  let reconnections = 0;
  let isClosed = false;
  let socket = connect();

  function connect(): WebSocket {
    const opened = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    opened.on('open', () => opened.send('{"type":"connection_init"}'));
    opened.on('error', () => undefined);
    opened.on('message', (data: Buffer) => {
      const message = JSON.parse(String(data));
      if (message.type === 'connection_ack') {
        opened.send(JSON.stringify({ id: '1', type: 'subscribe', payload: subscriptionAfter(lastSeq) }));
      } else if (message.type === 'ping') opened.send('{"type":"pong"}');
      else if (message.type === 'next') {
        const { seq } = message.payload.data.experimentEvents;
        if (seq !== lastSeq + 1) onLost(new Error(`Event ${seq} came after event ${lastSeq}.`));
        lastSeq = seq;
      } else onLost(new Error(`Unexpected: ${String(data)}`));
    });
    opened.on('close', () => {
      if (isClosed) return;
      reconnections += 1;
      socket = connect();
    });
    return opened;
  }

  return {
    get lastSeq() {
      return lastSeq;
    },
    get reconnections() {
      return reconnections;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      isClosed = true;
      socket.terminate();
    },
  };
}
