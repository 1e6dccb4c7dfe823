import { isAscii, isUtf8 } from 'node:buffer';
import {
  changesPlace,
  isNestedBeyond,
  keysInOrder,
  longIntegersOf,
  maxNesting,
} from '../../../src/preparation/json-text.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';
import type { RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';
import { flattened } from '../formats/flatten-json.js';
import { type KeyKinds, noKindsYet, noteKind } from './json-kinds.js';
import { faultOfJson } from './read-list.js';
import { excerptLength, type RowTally } from './rejected-rows.js';

export interface JsonLinesSettings {
  readonly maxRowBytes: number;
  readonly maxKeys: number;
  /** The keys whose values must be lists. */
  readonly lists: readonly ListColumn[];
  /** Whether objects inside of a row become columns of their own, named by their paths: `a.b`. */
  readonly flatten: boolean;
}

/** Where an object stands in its file. */
export interface ObjectPlace {
  /** How many bytes it has. */
  readonly bytes: number;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Its number in a JSON document, from 1; null: it is a line of JSON Lines. */
  readonly item: number | null;
  /** Whether the file ends with it, and without a line end. */
  readonly atEndOfFile: boolean;
}

const lineFeed = 0x0a;

/**
 * Reads JSON Lines and rewrites each object together with its place among them and its line:
 * `{"n":<place>,"l":<line>,"r":<object unchanged>}`. Lines that are not objects are tallied instead. DuckDB then reads
 * the objects' values, but could not tell their lines.
 *
 * Blank lines are not rows. Memory: one row and one chunk, and the keys.
 */
export class JsonLinesScanner {
  /** In order of first appearance. */
  readonly keys = new Map<string, KeyKinds>();

  private readonly pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private line = 1;
  private place = 0;
  private output: Uint8Array[] = [];

  constructor(
    private readonly settings: JsonLinesSettings,
    private readonly tally: RowTally,
  ) {}

  /**
   * Reads the next bytes, which the caller must not change afterwards. The caller must have removed a byte order mark.
   */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.add(chunk.subarray(start, end));
      this.endLine(false);
      start = end + 1;
    }
    this.add(chunk.subarray(start));
  }

  finish(): void {
    this.endLine(true);
  }

  /** The rows finished since the last call. */
  take(): Uint8Array {
    const finished = Buffer.concat(this.output);
    this.output = [];
    return finished;
  }

  /** Whether there are more keys than allowed columns, so that reading on would not help. */
  hasTooManyKeys(): boolean {
    return this.keys.size > this.settings.maxKeys;
  }

  private add(part: Uint8Array): void {
    // The beginning of a line that is too long is kept for the excerpt.
    if (part.length > 0 && this.pendingBytes <= this.settings.maxRowBytes) this.pending.push(part);
    this.pendingBytes += part.length;
  }

  private endLine(atEndOfFile: boolean): void {
    const bytes = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending);
    this.readObject(bytes, { bytes: this.pendingBytes, line: this.line, item: null, atEndOfFile });
    this.pending.length = 0;
    this.pendingBytes = 0;
    this.line++;
  }

  /**
   * Reads one object.
   * @param text its bytes; of one that is too long only the beginning
   */
  readObject(text: Uint8Array, where: ObjectPlace): void {
    const { line, item, atEndOfFile } = where;
    const what = item === null ? 'line' : 'item';
    const reject = (code: RejectionCode, reason: string) => {
      const told = item === null ? reason : `Item ${item}: ${reason}`;
      this.tally.reject(line, code, told, text.subarray(0, excerptLength * 4));
    };
    if (where.bytes > this.settings.maxRowBytes) {
      reject('TOO_LONG', `The row is longer than ${this.settings.maxRowBytes} bytes.`);
      return;
    }
    if (!isUtf8(text)) {
      reject('INVALID_UTF8', 'The row is not UTF-8.');
      return;
    }
    const bytes = this.settings.flatten ? flattened(text) : text;
    const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trim();
    if (json === '') return;
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch (error) {
      const reason = whyNotJson(json, error);
      if (atEndOfFile)
        reject('CUT_OFF', `The last line is not JSON, and does not end: it may have been cut off (${reason}).`);
      else reject('INVALID_JSON', `The ${what} is not JSON: ${reason}.`);
      return;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      reject('NOT_AN_OBJECT', `The ${what} is ${describe(value)}, not an object.`);
      return;
    }
    // The object of the row itself is not counted.
    if (isNestedBeyond(value, maxNesting + 1)) {
      reject('NESTED_TOO_DEEPLY', `Lists and objects are inside each other at more than ${maxNesting} levels.`);
      return;
    }
    if (holdsUnstorable(json, value)) {
      reject('INVALID_CHARACTER', 'The row holds a NUL character, or half a surrogate pair.');
      return;
    }
    for (const list of this.settings.lists) {
      const fault = faultOfJson(Object.hasOwn(value, list.column) ? Reflect.get(value, list.column) : undefined, list);
      if (fault !== null) {
        reject('INVALID_LIST', fault);
        return;
      }
    }
    this.tally.accepted++;
    if (!isAscii(bytes)) this.tally.acceptedBeyondAscii++;
    this.noteKeys(json, value);
    this.output.push(Buffer.from(`{"n":${this.place++},"l":${line},"r":${json}}\n`));
  }

  private noteKeys(text: string, value: object): void {
    const members = Object.entries(value);
    const moved = members.some(([key]) => changesPlace(key) && !this.keys.has(key));
    const order = moved ? keysInOrder(text) : members.map(([key]) => key);
    for (const key of order) if (!this.keys.has(key)) this.keys.set(key, noKindsYet());
    const longIntegers = longIntegersOf(text);
    for (const [key, member] of members) noteKind(this.keys.get(key)!, member, longIntegers);
  }
}

/** In JSON that is UTF-8, only an escape can contain a NUL or an unpaired surrogate; most rows have none. */
function holdsUnstorable(text: string, value: object): boolean {
  if (!/\\u(?:0000|[dD][89a-fA-F])/.test(text)) return false;
  // JSON.stringify escapes both, but not pairs of surrogates.
  return /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(value));
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** A string of JSON; or, where a value stands, a number that JSON does not know. */
const stringOrNoNumber = /"(?:[^"\\]|\\.)*"|(?<=[:[,\s])-?(NaN|Infinity)\b/g;

/** Programs write NaN and Infinity, which the message of JSON's reader does not name. */
function whyNotJson(json: string, error: unknown): string {
  for (const [found, number] of json.matchAll(stringOrNoNumber))
    if (number !== undefined) return `${found} is no number of JSON; null stands for a missing one`;
  return error instanceof Error ? error.message : 'unreadable';
}
