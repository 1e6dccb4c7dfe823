import { type CutValue, inOneLine, JsonValues, type ValueVisitor } from '../formats/json-values.js';
import type { Scanner } from './file-passes.js';
import type { JsonLinesScanner } from './json-lines-scanner.js';

/**
 * Reads the rows of a JSON document: the objects in a list, or in an object, at a path; or the lists in a list, whose
 * items are named column1, column2 and so on. Each is cut out as it is, and read as a line of JSON Lines.
 */
export class JsonDocumentScanner implements Scanner, ValueVisitor {
  private readonly values: JsonValues;
  private items = 0;

  constructor(
    private readonly at: readonly (string | number)[],
    private readonly layout: 'RECORDS' | 'ROWS',
    private readonly rows: JsonLinesScanner,
    maxRowBytes: number,
  ) {
    this.values = new JsonValues(this, maxRowBytes);
  }

  push(chunk: Uint8Array): void {
    this.values.push(chunk);
  }

  finish(): void {
    this.values.finish();
  }

  take(): Uint8Array {
    return this.rows.take();
  }

  begin(path: readonly (string | number)[]): 'ENTER' | 'TAKE' | 'SKIP' {
    const isAlong = path.every((key, index) => index >= this.at.length || key === this.at[index]);
    if (!isAlong) return 'SKIP';
    return path.length <= this.at.length ? 'ENTER' : 'TAKE';
  }

  value(path: readonly (string | number)[], { bytes, line }: CutValue): void {
    if (path.length !== this.at.length + 1 || !this.at.every((key, index) => key === path[index])) return;
    this.items++;
    const row = inOneLine(this.layout === 'ROWS' ? namedItems(bytes) : bytes);
    this.rows.readObject(row, { bytes: bytes.length, line, item: this.items, atEndOfFile: false });
  }

  end(): void {
    // The rows that were visited are what there is.
  }
}

/** A list as an object: `[1,"a"]` becomes `{"column1":1,"column2":"a"}`. What is no list stays as it is. */
function namedItems(list: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let isList = false;
  const values = new JsonValues(
    {
      begin(path, kind) {
        if (path.length > 0) return 'TAKE';
        isList = kind === 'LIST';
        return isList ? 'ENTER' : 'SKIP';
      },
      value(path, { bytes }) {
        if (path.length === 0) return;
        parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}"column${Number(path[0]) + 1}":`), bytes);
      },
      end: () => undefined,
    },
    list.length,
  );
  values.push(list);
  if (!isList || parts.length === 0) return list;
  return Buffer.concat([...parts, Buffer.from('}')]);
}
