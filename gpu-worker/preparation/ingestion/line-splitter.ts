const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A line of a file without its end. */
export interface Line {
  /** Number of the line, from 1. */
  readonly number: number;
  /** The line's bytes; of a line beyond the limit only the beginning, which is longer than the limit too. */
  readonly bytes: Uint8Array;
  /** Whether the file ends here without a line end. */
  readonly isLast: boolean;
}

/**
 * Divides the chunks of a file into lines, which end in
 * , \r
 *  or \r, in any mixture. Memory: one line and one chunk.
 */
export class LineSplitter {
  private readonly pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private number = 1;
  private afterCarriageReturn = false;

  constructor(
    private readonly maxLineBytes: number,
    private readonly take: (line: Line) => void,
  ) {}

  /** Reads the next bytes, which the caller must not change afterwards. */
  push(chunk: Uint8Array): void {
    let start = this.afterCarriageReturn && chunk[0] === lineFeed ? 1 : 0;
    if (chunk.length > 0) this.afterCarriageReturn = false;
    // Each of the two is searched for only from its last place, because most files have only one of them.
    let feed = chunk.indexOf(lineFeed, start);
    let carriage = chunk.indexOf(carriageReturn, start);
    while (feed !== -1 || carriage !== -1) {
      const end = feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
      this.add(chunk.subarray(start, end));
      this.endLine(false);
      start = end + 1;
      if (end === carriage) {
        if (start === chunk.length) this.afterCarriageReturn = true;
        if (start === feed) start++;
        carriage = chunk.indexOf(carriageReturn, start);
      }
      if (feed !== -1 && feed < start) feed = chunk.indexOf(lineFeed, start);
    }
    this.add(chunk.subarray(start));
  }

  finish(): void {
    if (this.pendingBytes > 0) this.endLine(true);
  }

  private add(part: Uint8Array): void {
    if (part.length > 0 && this.pendingBytes <= this.maxLineBytes) this.pending.push(part);
    this.pendingBytes += part.length;
  }

  private endLine(isLast: boolean): void {
    const bytes = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending);
    this.pending.length = 0;
    this.pendingBytes = 0;
    this.take({ number: this.number++, bytes, isLast });
  }
}
