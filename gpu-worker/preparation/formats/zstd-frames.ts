/** What is wrong with a Zstandard file, in words. */
export class ZstdFault extends Error {
  override readonly name = 'ZstdFault';
}

/**
 * The largest window that is unpacked, 2²⁷ bytes: the limit of `zstd -d` too, unless it is told otherwise. A decoder
 * holds a window in memory.
 */
const maxWindowBytes = 2 ** 27;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Magic, descriptor, window, dictionary and content size (RFC 8878, 3.1.1). */
const longestHeader = 18;
const blockHeaderBytes = 3;
const checksumBytes = 4;

type Next = 'frame' | 'block' | 'skip' | 'checksum';

/** Bytes of a file in their order. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Whether they hold data, and are no frame that may be skipped. */
  readonly isData: boolean;
  /** Whether a frame ends with them. */
  readonly endsFrame: boolean;
  /** The last 32 bits of the XXH64 of what the frame unpacks to, at its end, if it holds them. */
  readonly checksum: number | null;
}

/**
 * Walks along the frames and blocks of a Zstandard file without decoding them (RFC 8878), and refuses windows that are
 * too large before a decoder makes room for them. It also knows where frames end, and whether the file ends there.
 */
export class ZstdFrames {
  private next: Next = 'frame';
  private afterSkip: Next = 'frame';
  private skipBytes = 0;
  private hasChecksum = false;
  private isData = false;
  /** The beginning of a header whose rest has not arrived. */
  private pending: Uint8Array = new Uint8Array(0);

  /** @throws ZstdFault */
  *push(chunk: Uint8Array): Generator<FramePiece> {
    const bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    this.pending = (yield* this.walk(bytes, false)).slice();
  }

  /** @throws ZstdFault: the file ends within a frame */
  *finish(): Generator<FramePiece> {
    const rest = yield* this.walk(this.pending, true);
    if (rest.length > 0 || this.next !== 'frame') throw new ZstdFault('it was cut off');
  }

  /** The bytes that are too few for what comes next. */
  private *walk(bytes: Uint8Array, isEnd: boolean): Generator<FramePiece, Uint8Array> {
    let rest = bytes;
    while (rest.length > 0) {
      const wasChecksum = this.next === 'checksum';
      const taken = this.step(rest, isEnd);
      if (taken === 0) break;
      const piece = rest.subarray(0, taken);
      const endsFrame = this.next === 'frame' && this.isData;
      const checksum = wasChecksum ? Buffer.from(piece).readUInt32LE() : null;
      yield { bytes: piece, isData: this.isData, endsFrame, checksum };
      rest = rest.subarray(taken);
    }
    return rest;
  }

  /** How many bytes were taken; 0: more are needed. */
  private step(bytes: Uint8Array, isEnd: boolean): number {
    switch (this.next) {
      case 'skip': {
        const taken = Math.min(this.skipBytes, bytes.length);
        this.skipBytes -= taken;
        if (this.skipBytes === 0) this.next = this.afterSkip;
        return taken;
      }
      case 'block':
        return bytes.length < blockHeaderBytes ? 0 : this.readBlock(bytes);
      case 'checksum':
        if (bytes.length < checksumBytes) return 0;
        this.next = 'frame';
        return checksumBytes;
      case 'frame':
        // A whole frame may be shorter than the longest header.
        return bytes.length < longestHeader && !isEnd ? 0 : this.readFrame(bytes);
      default:
        return this.next satisfies never;
    }
  }

  private readFrame(bytes: Uint8Array): number {
    if (bytes.length < 6) throw new ZstdFault('it was cut off');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = view.getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      if (bytes.length < 8) throw new ZstdFault('it was cut off');
      this.isData = false;
      this.skip(view.getUint32(4, true), 'frame');
      return 8;
    }
    if (magic !== frameMagic) throw new ZstdFault('something else follows its data');
    const descriptor = bytes[4]!;
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeFlag = descriptor >> 6;
    const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
    const sizeAt = (isSingleSegment ? 5 : 6) + dictionaryBytes;
    if (bytes.length < sizeAt + sizeBytes) throw new ZstdFault('it was cut off');
    let size = 0;
    for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + bytes[sizeAt + i]!;
    if (sizeFlag === 1) size += 256;
    if (dictionaryBytes > 0) throw new ZstdFault('it needs a dictionary');
    const window = isSingleSegment ? size : windowOf(bytes[5]!);
    if (window > maxWindowBytes) throw new ZstdFault('its window is larger than 128 MiB');
    this.isData = true;
    this.hasChecksum = (descriptor & 4) !== 0;
    this.next = 'block';
    return sizeAt + sizeBytes;
  }

  private readBlock(bytes: Uint8Array): number {
    const header = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
    const isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) throw new ZstdFault('it is damaged');
    // A block of one repeated byte says how often, and holds the byte once.
    const blockBytes = type === 1 ? 1 : header >> 3;
    const end = this.hasChecksum ? 'checksum' : 'frame';
    this.skip(blockBytes, isLast ? end : 'block');
    return blockHeaderBytes;
  }

  private skip(bytes: number, then: Next): void {
    this.skipBytes = bytes;
    this.afterSkip = then;
    this.next = bytes === 0 ? then : 'skip';
  }
}

function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}
