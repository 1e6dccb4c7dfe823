/**
 * Cuts a JSON document into the values of one list or object, byte by byte and without parsing them, so that a document
 * may be larger than memory and numbers keep their digits. Whether a value is valid JSON is for its reader to say;
 * between values this is checked here.
 */

/** A member of an object or an item of a list, as the document has it. */
export interface CutValue {
  /** The key, decoded; null: the value is an item of a list. */
  readonly key: string | null;
  /** The bytes of the value; of one beyond the limit only its beginning, which is longer than the limit too. */
  readonly bytes: Uint8Array;
  /** The line of the document on which it begins, from 1. */
  readonly line: number;
}

/** A document that is not JSON, or ends too early. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/** Called at the beginning and the end of containers, and for each value that is cut. */
export interface ValueVisitor {
  /**
   * A list or an object begins at this path. Returns whether its members are visited one by one (`ENTER`), taken as one
   * value (`TAKE`), or passed over (`SKIP`).
   */
  begin(path: readonly (string | number)[], kind: 'LIST' | 'OBJECT'): 'ENTER' | 'TAKE' | 'SKIP';
  /** A value was cut at this path: a taken container, or a text, number, flag or null in an entered one. */
  value(path: readonly (string | number)[], value: CutValue): void;
  /** An entered container ends, with this many members. */
  end(path: readonly (string | number)[], members: number): void;
}

interface Frame {
  readonly isList: boolean;
  count: number;
  /** What comes next: in an object a key or a colon or a value, in a list a value; then a comma or the end. */
  expects: 'FIRST' | 'MEMBER' | 'COLON' | 'VALUE' | 'COMMA';
  key: string | null;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
const colon = 0x3a;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Keys are held whole. */
const maxKeyBytes = 64 * 1024;
/** Containers that may be entered inside each other: nothing beyond is asked for. */
const maxEntered = 64;

type Mode =
  /** Between values of an entered container. */
  | 'BETWEEN'
  /** Inside a text that is a key. */
  | 'KEY'
  /** Inside a text that is a value. */
  | 'TEXT'
  /** Inside a number, true, false or null. */
  | 'WORD'
  /** Inside a container that is taken or skipped as a whole. */
  | 'WHOLE';

export class JsonValues {
  private readonly stack: Frame[] = [];
  private readonly path: (string | number)[] = [];
  private mode: Mode = 'BETWEEN';
  private line = 1;
  private hasRoot = false;
  private isEscaped = false;
  /** Inside a container that is taken as a whole: how deep, and whether inside a text. */
  private depth = 0;
  private inText = false;
  private isKept = false;
  private startLine = 1;
  private pieces: Uint8Array[] = [];
  private keptBytes = 0;

  /** @param maxValueBytes values beyond are cut off */
  constructor(
    private readonly visitor: ValueVisitor,
    private readonly maxValueBytes: number,
  ) {}

  /**
   * Reads the next bytes, which the caller must not change afterwards. The caller must have removed a byte order mark.
   */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === lineFeed) this.line++;
      if (this.mode === 'WHOLE') {
        if (this.inText) {
          if (this.isEscaped) this.isEscaped = false;
          else if (byte === backslash) this.isEscaped = true;
          else if (byte === quote) this.inText = false;
        } else if (byte === quote) this.inText = true;
        else if (byte === openBrace || byte === openBracket) this.depth++;
        else if (byte === closeBrace || byte === closeBracket) {
          this.depth--;
          if (this.depth === 0) {
            this.keep(chunk.subarray(start, i + 1));
            this.endValue();
          }
        }
      } else if (this.mode === 'TEXT' || this.mode === 'KEY') {
        if (this.isEscaped) this.isEscaped = false;
        else if (byte === backslash) this.isEscaped = true;
        else if (byte === quote) {
          this.keep(chunk.subarray(start, i + 1));
          if (this.mode === 'KEY') this.endKey();
          else this.endValue();
        }
      } else if (this.mode === 'WORD') {
        if (isWordByte(byte)) continue;
        this.keep(chunk.subarray(start, i));
        this.endValue();
        // The byte after a word belongs to what follows.
        start = this.between(byte, i);
      } else start = this.between(byte, i);
    }
    if (this.mode !== 'BETWEEN') this.keep(chunk.subarray(start));
  }

  finish(): void {
    if (this.mode === 'WORD' && this.stack.length === 0) this.endValue();
    if (!this.hasRoot || this.mode !== 'BETWEEN' || this.stack.length > 0) {
      throw new JsonFault('the document ends within a value: it may have been cut off');
    }
  }

  /** Reads a byte between values; returns where a value that begins here begins. */
  private between(byte: number, at: number): number {
    if (isSpace(byte)) return at;
    const frame = this.stack.at(-1);
    if (frame === undefined) {
      if (this.hasRoot) throw this.unexpected(byte, 'after the end of the document');
      this.hasRoot = true;
      return this.beginValue(byte, at);
    }
    const { expects, isList } = frame;
    if (byte === (isList ? closeBracket : closeBrace) && (expects === 'COMMA' || expects === 'FIRST')) {
      this.leave();
      return at;
    }
    if (expects === 'COMMA') {
      if (byte !== comma) throw this.unexpected(byte, 'between two values');
      frame.expects = 'MEMBER';
      return at;
    }
    if (expects === 'COLON') {
      if (byte !== colon) throw this.unexpected(byte, 'after a key');
      frame.expects = 'VALUE';
      return at;
    }
    if (!isList && expects !== 'VALUE') {
      if (byte !== quote) throw this.unexpected(byte, 'where a key begins');
      this.mode = 'KEY';
      this.isKept = true;
      return at;
    }
    return this.beginValue(byte, at);
  }

  private beginValue(byte: number, at: number): number {
    const frame = this.stack.at(-1);
    if (frame !== undefined) this.path.push(frame.isList ? frame.count : frame.key!);
    this.startLine = this.line;
    if (byte === openBrace || byte === openBracket) {
      const kind = byte === openBrace ? 'OBJECT' : 'LIST';
      const how = this.visitor.begin(this.path, kind);
      if (how === 'ENTER' && this.stack.length < maxEntered) {
        this.stack.push({ isList: kind === 'LIST', count: 0, expects: 'FIRST', key: null });
        return at;
      }
      this.mode = 'WHOLE';
      this.isKept = how === 'TAKE';
      this.depth = 1;
      return at;
    }
    if (byte !== quote && !isWordByte(byte)) throw this.unexpected(byte, 'where a value begins');
    this.mode = byte === quote ? 'TEXT' : 'WORD';
    this.isKept = true;
    return at;
  }

  private keep(bytes: Uint8Array): void {
    // The beginning of a value that is too long is kept, so that its length shows.
    if (!this.isKept || bytes.length === 0) return;
    if (this.keptBytes <= this.maxValueBytes) this.pieces.push(bytes);
    this.keptBytes += bytes.length;
    if (this.mode === 'KEY' && this.keptBytes > maxKeyBytes) throw new JsonFault('a key is longer than 64 KiB');
  }

  private taken(): Uint8Array {
    const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = [];
    this.keptBytes = 0;
    return bytes;
  }

  private endKey(): void {
    const frame = this.stack.at(-1)!;
    try {
      frame.key = JSON.parse(Buffer.from(this.taken()).toString('utf8')) as string;
    } catch {
      throw new JsonFault(`line ${this.line}: a key is no text of JSON`);
    }
    frame.expects = 'COLON';
    this.mode = 'BETWEEN';
  }

  private endValue(): void {
    const bytes = this.taken();
    const wasKept = this.isKept;
    this.mode = 'BETWEEN';
    const key = this.path.at(-1);
    if (wasKept) {
      this.visitor.value(this.path, { key: typeof key === 'string' ? key : null, bytes, line: this.startLine });
    }
    this.endMember();
  }

  private leave(): void {
    const { count } = this.stack.pop()!;
    this.visitor.end(this.path, count);
    this.endMember();
  }

  /** A member of the container that is now the last has ended. */
  private endMember(): void {
    const frame = this.stack.at(-1);
    if (frame === undefined) return;
    this.path.pop();
    frame.count++;
    frame.expects = 'COMMA';
  }

  private unexpected(byte: number, where: string): JsonFault {
    const what = byte > 0x20 && byte < 0x7f ? `“${String.fromCharCode(byte)}”` : `the byte ${byte}`;
    return new JsonFault(`line ${this.line}: ${what} stands ${where}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === space || byte === lineFeed || byte === carriageReturn || byte === 0x09;
}

/** Bytes of numbers, true, false and null. Also those that no JSON has, as in NaN: their reader says so. */
function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

/** A value of JSON without line ends, which in valid JSON stand between values alone. */
export function inOneLine(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(lineFeed) && !bytes.includes(carriageReturn)) return bytes;
  return bytes.map((byte) => (byte === lineFeed || byte === carriageReturn ? space : byte));
}
