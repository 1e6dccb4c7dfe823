import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Sink } from './delivery.js';

/** A message that is to be a single text frame of the WebSocket protocol (RFC 6455, section 5.2), unmasked. */
const textFrame = 0x81;
/** Lengths from here on are written in two bytes, and from the other one on in eight. */
const [needsTwoBytes, needsEightBytes] = [126, 2 ** 16];
/** Messages up to this size are copied into one buffer, which is cheaper to write than several. */
const maxCopiedBytes = 16 * 1024;

const end = Buffer.from('}');

/**
 * The messages that one connection gets past `ws`, which writes each of its own at once and whole. What waits for a
 * client that reads slowly is at most what the stream takes before it asks to wait (its `writableHighWaterMark`), and
 * the events that each delivery has taken (delivery.ts).
 */
export class SocketFrames {
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly socket: Pick<WebSocket, 'readyState' | 'OPEN'>,
    private readonly stream: Duplex,
  ) {}

  /** Where the answers of an operation go, as messages `next` of the protocol graphql-transport-ws. */
  sink(id: string): Sink {
    // Made for the first answer: a small buffer holds a whole slab, and many a subscription has nothing to tell.
    let head: Buffer | null = null;
    return {
      hasRoom: () => this.socket.readyState === this.socket.OPEN && !this.stream.writableNeedDrain,
      onRoom: (listener) => this.onRoom(listener),
      write: (answers) => {
        head ??= Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
        this.write(head, answers);
      },
    };
  }

  private onRoom(listener: () => void): void {
    if (this.waiting.size === 0) this.stream.once('drain', this.tellRoom);
    this.waiting.add(listener);
  }

  private readonly tellRoom = (): void => {
    const listeners = [...this.waiting];
    this.waiting.clear();
    for (const listener of listeners) listener();
  };

  private write(head: Buffer, answers: readonly Buffer[]): void {
    // After the frame that closes a connection there may be no other.
    if (this.socket.readyState !== this.socket.OPEN) return;
    const around = head.length + end.length;
    const bytes = answers.reduce((sum, { length }) => sum + frameBytes(around + length), 0);
    if (bytes <= maxCopiedBytes) {
      const frames = Buffer.allocUnsafe(bytes);
      let at = 0;
      for (const answer of answers) {
        at = writeHeader(frames, at, around + answer.length);
        at += head.copy(frames, at);
        at += answer.copy(frames, at);
        at += end.copy(frames, at);
      }
      this.stream.write(frames);
      return;
    }
    // The answers themselves are not copied: all who wait for them share them.
    this.stream.cork();
    for (const answer of answers) {
      const length = around + answer.length;
      const beginning = Buffer.allocUnsafe(frameBytes(length) - length + head.length);
      head.copy(beginning, writeHeader(beginning, 0, length));
      this.stream.write(beginning);
      this.stream.write(answer);
      this.stream.write(end);
    }
    this.stream.uncork();
  }
}

/** The size of a frame with so many bytes in it. */
function frameBytes(length: number): number {
  return length + (length < needsTwoBytes ? 2 : length < needsEightBytes ? 4 : 10);
}

/** Returns where the message begins. */
function writeHeader(buffer: Buffer, at: number, length: number): number {
  buffer[at] = textFrame;
  if (length < needsTwoBytes) {
    buffer[at + 1] = length;
    return at + 2;
  }
  if (length < needsEightBytes) {
    buffer[at + 1] = 126;
    buffer.writeUInt16BE(length, at + 2);
    return at + 4;
  }
  buffer[at + 1] = 127;
  buffer.writeBigUInt64BE(BigInt(length), at + 2);
  return at + 10;
}
