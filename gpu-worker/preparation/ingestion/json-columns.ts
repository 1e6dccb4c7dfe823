import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { type CutValue, inOneLine, JsonValues, type ValueVisitor } from '../formats/json-values.js';
import type { JsonLinesScanner } from './json-lines-scanner.js';

/** A column of a JSON document whose values lie in a file of their own, one on each line. */
interface ColumnFile {
  readonly name: string;
  readonly path: string;
  values: number;
}

const lineFeed = 0x0a;
const oneLineEnd = Uint8Array.of(lineFeed);
/** Memory for reading all columns at once. */
const readBytes = 16 * 2 ** 20;

/**
 * Divides the columns of a JSON document, the lists in an object at a path, into files: a column stands behind the
 * other in a document, but a row needs a value of each. Memory is constant.
 */
export class JsonColumnFiles implements ValueVisitor {
  readonly columns: ColumnFile[] = [];
  private readonly values: JsonValues;
  /** What belongs at the end of the last file. */
  private pending: Uint8Array[] = [];

  constructor(
    private readonly at: readonly (string | number)[],
    private readonly folder: string,
    maxValueBytes: number,
  ) {
    this.values = new JsonValues(this, maxValueBytes);
  }

  /** Divides the document. @throws ProblemsError: the columns have different lengths; StorageError */
  async read(chunks: AsyncIterable<Uint8Array>, problemPath: readonly string[]): Promise<readonly ColumnFile[]> {
    for await (const chunk of chunks) {
      this.values.push(chunk);
      await this.flush();
    }
    this.values.finish();
    await this.flush();
    const [first] = this.columns;
    const other = this.columns.find(({ values }) => values !== first!.values);
    if (other === undefined) return this.columns;
    const message = `The columns have different lengths: “${first!.name}” ${first!.values}, “${other.name}” ${other.values}.`;
    throw new ProblemsError([
      problem(problemPath, 'INVALID_FILE', message, 'Write a list of objects, one for each row.'),
    ]);
  }

  begin(path: readonly (string | number)[]): 'ENTER' | 'TAKE' | 'SKIP' {
    if (!path.every((key, index) => index >= this.at.length || key === this.at[index])) return 'SKIP';
    if (path.length === this.at.length + 1) {
      const name = String(path.at(-1));
      this.columns.push({ name, path: join(this.folder, `column-${this.columns.length}`), values: 0 });
      this.finished.push(...this.takePending());
    }
    return path.length <= this.at.length + 1 ? 'ENTER' : 'TAKE';
  }

  value(path: readonly (string | number)[], { bytes }: CutValue): void {
    if (path.length !== this.at.length + 2) return;
    this.columns.at(-1)!.values++;
    this.pending.push(inOneLine(bytes), oneLineEnd);
  }

  end(): void {
    // A column ends where the next begins.
  }

  /** What belongs to columns before the last. */
  private readonly finished: { readonly column: number; readonly bytes: Uint8Array }[] = [];
  private isOpen: { readonly column: number; readonly file: FileHandle } | null = null;

  private takePending(): { column: number; bytes: Uint8Array }[] {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    return bytes.length === 0 ? [] : [{ column: this.columns.length - 2, bytes }];
  }

  private async flush(): Promise<void> {
    const rest = Buffer.concat(this.pending);
    this.pending = [];
    try {
      for (const { column, bytes } of [...this.finished.splice(0), { column: this.columns.length - 1, bytes: rest }]) {
        if (bytes.length > 0) await (await this.fileOf(column)).writeFile(bytes);
      }
    } catch (error) {
      throw toStorageError(error, 'read an uploaded file');
    }
  }

  private async fileOf(column: number): Promise<FileHandle> {
    if (this.isOpen?.column === column) return this.isOpen.file;
    await this.close();
    this.isOpen = { column, file: await open(this.columns[column]!.path, 'a') };
    return this.isOpen.file;
  }

  async close(): Promise<void> {
    await this.isOpen?.file.close();
    this.isOpen = null;
  }
}

/** Makes an object of each row's values, and has it read as a line of JSON Lines. */
export async function joinColumns(
  columns: readonly ColumnFile[],
  rows: JsonLinesScanner,
  rewritten: string,
): Promise<void> {
  const highWaterMark = Math.max(4096, Math.floor(readBytes / columns.length));
  const lines = columns.map(({ path }) => linesOf(createReadStream(path, { highWaterMark })));
  const keys = columns.map(({ name }, index) => Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const end = Buffer.from('}');
  const target = await open(rewritten, 'wx');
  try {
    for (let item = 1; item <= columns[0]!.values; item++) {
      const parts: Uint8Array[] = [];
      for (const [index, values] of lines.entries())
        parts.push(keys[index]!, (await values.next()).value as Uint8Array);
      const object = Buffer.concat([...parts, end]);
      rows.readObject(object, { bytes: object.length, line: 1, item, atEndOfFile: false });
      await target.writeFile(rows.take());
    }
  } catch (error) {
    throw toStorageError(error, 'read an uploaded file');
  } finally {
    for (const values of lines) await values.return(undefined);
    await target.close();
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let feed = chunk.indexOf(lineFeed); feed !== -1; feed = chunk.indexOf(lineFeed, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, feed)]);
      rest = [];
      start = feed + 1;
    }
    rest.push(chunk.subarray(start));
  }
}
