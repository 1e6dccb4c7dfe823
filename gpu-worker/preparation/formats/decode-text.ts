import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import type { ChosenEncoding } from './choose-encoding.js';

const chunkBytes = 256 * 1024;
/** A line that is longer than this is decoded in pieces. */
const maxLineBytes = 2 ** 24;
const lineFeed = 0x0a;
const replacement = '\ufffd';

/** Turns the bytes of one encoding into those of UTF-8. */
interface Decoder {
  /** Characters that no byte of the encoding stands for. */
  readonly unreadable: number;
  push(chunk: Uint8Array): Uint8Array;
  finish(): Uint8Array;
}

/**
 * Writes a text file anew in UTF-8 and without a byte order mark, in constant memory, and says how many characters
 * could not be read. Bytes that stand for none become U+FFFD.
 * @throws StorageError
 */
export async function decodeText(from: string, to: string, chosen: ChosenEncoding): Promise<readonly FileNotice[]> {
  const decoder =
    chosen.otherLines === null ? decoderOf(chosen.name) : new LineDecoder(() => decoderOf(chosen.otherLines!));
  try {
    const target = await open(to, 'wx');
    try {
      const source = createReadStream(from, { highWaterMark: chunkBytes, start: chosen.markBytes });
      for await (const chunk of source as AsyncIterable<Buffer>) await target.writeFile(decoder.push(chunk));
      await target.writeFile(decoder.finish());
    } finally {
      await target.close();
    }
  } catch (error) {
    throw toStorageError(error, 'read an uploaded file');
  }
  return decoder.unreadable === 0 ? [] : [unreadable(decoder.unreadable, chosen.otherLines ?? chosen.name)];
}

function unreadable(count: number, name: string): FileNotice {
  const what = count === 1 ? 'One place is' : `${count} places are`;
  const message = `${what} no text in ${name}, and became “${replacement}”. \`fileOptions: { encoding: … }\` names another encoding.`;
  return { code: 'UNREADABLE_CHARACTERS', message };
}

function decoderOf(name: string): Decoder {
  return name === 'windows-1252' ? new Windows1252Decoder() : new AnyDecoder(name);
}

class AnyDecoder implements Decoder {
  unreadable = 0;
  private readonly decoder: InstanceType<typeof TextDecoder>;

  constructor(name: string) {
    // The byte order mark was cut off, so another one is text.
    this.decoder = new TextDecoder(name, { ignoreBOM: true });
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.count(this.decoder.decode(chunk, { stream: true }));
  }

  finish(): Uint8Array {
    return this.count(this.decoder.decode());
  }

  private count(text: string): Uint8Array {
    for (let at = text.indexOf(replacement); at !== -1; at = text.indexOf(replacement, at + 1)) this.unreadable++;
    return Buffer.from(text);
  }
}

/**
 * The characters of 0x80 to 0x9f, by the Encoding Standard; the five that are unused there stand for control
 * characters. Some versions of Node's TextDecoder read all of them as control characters, as Latin-1 has them.
 */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

class Windows1252Decoder implements Decoder {
  readonly unreadable = 0;

  push(chunk: Uint8Array): Uint8Array {
    const latin = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    return Buffer.from(latin.replace(/[\u0080-\u009f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80]!));
  }

  finish(): Uint8Array {
    return new Uint8Array(0);
  }
}

/** Keeps lines that are UTF-8, and decodes the others. */
class LineDecoder implements Decoder {
  unreadable = 0;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(private readonly other: () => Decoder) {}

  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let end = bytes.lastIndexOf(lineFeed) + 1;
    if (end === 0 && bytes.length > maxLineBytes) end = bytes.length;
    this.rest = bytes.slice(end);
    return this.decode(bytes.subarray(0, end));
  }

  finish(): Uint8Array {
    return this.decode(this.rest);
  }

  private decode(lines: Uint8Array): Uint8Array {
    if (isUtf8(lines)) return lines;
    const decoded: Uint8Array[] = [];
    for (let start = 0; start < lines.length; ) {
      const feed = lines.indexOf(lineFeed, start);
      const end = feed === -1 ? lines.length : feed + 1;
      const line = lines.subarray(start, end);
      decoded.push(isUtf8(line) ? line : this.decodeLine(line));
      start = end;
    }
    return Buffer.concat(decoded);
  }

  private decodeLine(line: Uint8Array): Uint8Array {
    const decoder = this.other();
    const decoded = Buffer.concat([decoder.push(line), decoder.finish()]);
    this.unreadable += decoder.unreadable;
    return decoded;
  }
}
