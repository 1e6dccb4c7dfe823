import { describe, expect, test } from 'vitest';
import { type FramePiece, ZstdFault, ZstdFrames } from '../../../gpu-worker/preparation/formats/zstd-frames.js';

/** `printf 'text,label\na,1\nb,2\n' | zstd -19` */
const whole = Buffer.from('28b52ffd0468990000746578742c6c6162656c0a612c310a622c320a6a73049c', 'hex');

function walk(bytes: Uint8Array, pieceBytes = bytes.length): void {
  const frames = new ZstdFrames();
  const pieces: FramePiece[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    pieces.push(...frames.push(bytes.subarray(start, start + pieceBytes)));
  }
  pieces.push(...frames.finish());
  expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(bytes);
}

/** Magic, a descriptor with neither size nor checksum, a window of 2^(10 + exponent), and one raw block of a byte. */
const frameOfWindow = (exponent: number) =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3, (1 << 3) | 1, 0, 0, 0x61]);

describe('frames', () => {
  test.each([1, 2, 3, 7, 100])('end where the file ends, in pieces of %i bytes', (pieceBytes) => {
    expect(() => walk(whole, pieceBytes)).not.toThrow();
    expect(() => walk(Buffer.concat([whole, frameOfWindow(0), whole]), pieceBytes)).not.toThrow();
  });

  test('that may be skipped are', () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    expect(() => walk(Buffer.concat([skippable, whole]), 5)).not.toThrow();
  });

  test('that are cut off are told at every place', () => {
    for (let end = 1; end < whole.length; end++) {
      expect(() => walk(whole.subarray(0, end)), `${end} bytes`).toThrow(new ZstdFault('it was cut off'));
    }
  });

  test('with a window beyond 128 MiB are refused, also behind others', () => {
    expect(() => walk(frameOfWindow(17))).not.toThrow();
    expect(() => walk(frameOfWindow(18))).toThrow('its window is larger than 128 MiB');
    expect(() => walk(Buffer.concat([whole, frameOfWindow(18)]), 4)).toThrow('its window is larger than 128 MiB');
  });

  test('followed by something else are refused', () => {
    expect(() => walk(Buffer.concat([whole, Buffer.from('text,label\n and more of it')]))).toThrow(
      'something else follows its data',
    );
  });
});
