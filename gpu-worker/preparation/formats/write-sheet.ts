import { open } from 'node:fs/promises';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { writeDate } from './excel-dates.js';
import { isTrue, RichText, type Sheet, unescaped, type Workbook } from './workbook.js';

/** What was found in the cells of a sheet. */
export interface SheetCells {
  /** Rows with a value. */
  rows: number;
  /** The number of the first of them, from 1; 0: there is none. */
  firstRow: number;
  /** Formulas, whose last computed values were read. */
  formulas: number;
  /** Formulas for which the program that wrote the file stored no value. */
  formulasWithoutValue: number;
  /** Cells that show an error such as #N/A, which have no value. */
  errors: number;
  /** Ranges of cells that are merged: their first has the value. */
  mergedRanges: number;
}

/** The most columns and rows of a sheet, and characters of a cell, in Excel. */
const maxColumns = 16_384;
const maxRows = 1_048_576;
const maxCellCharacters = 16 * 2 ** 20;
const flushCharacters = 256 * 1024;

/**
 * Writes the cells of a sheet as CSV, with all texts in quotes: from the first row with values on a line for each row,
 * as long as no text has line ends. Numbers keep the digits of the file; dates are written by ISO 8601. Memory is
 * constant.
 *
 * @throws ProblemsError INVALID_FILE, TOO_LARGE; StorageError
 */
export async function writeSheet(
  workbook: Workbook,
  sheet: Sheet,
  to: string,
  problemPath: readonly string[],
): Promise<SheetCells> {
  const target = await open(to, 'w').catch((error: unknown) => {
    throw toStorageError(error, 'read an uploaded file');
  });
  try {
    const reader = new SheetReader(workbook, problemPath);
    await workbook.read(sheet.part, reader, async () => {
      if (reader.writtenCharacters > flushCharacters) await flush();
    });
    await flush();
    return reader.cells;

    async function flush(): Promise<void> {
      await target.writeFile(reader.take()).catch((error: unknown) => {
        throw toStorageError(error, 'read an uploaded file');
      });
    }
  } finally {
    await target.close();
  }
}

class SheetReader {
  readonly cells: SheetCells = {
    rows: 0,
    firstRow: 0,
    formulas: 0,
    formulasWithoutValue: 0,
    errors: 0,
    mergedRanges: 0,
  };
  writtenCharacters = 0;

  private written: string[] = [];
  /** The line of the next row, from 1. */
  private line = 1;
  private rowNumber = 0;
  /** Values of the row as CSV; an empty text is a missing value. */
  private row: string[] = [];
  /** Of the first row with values: further rows have as many, so that values at their ends may be missing. */
  private width = 0;
  private column = -1;
  private type = 'n';
  private style = 0;
  private hasFormula = false;
  private value = '';
  private inValue = false;
  private readonly rich = new RichText();

  constructor(
    private readonly workbook: Workbook,
    private readonly problemPath: readonly string[],
  ) {}

  take(): string {
    const text = this.written.join('');
    this.written = [];
    this.writtenCharacters = 0;
    return text;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'row':
        this.rowNumber = this.place(attributes.r === undefined ? this.rowNumber + 1 : Number(attributes.r), maxRows);
        this.row = [];
        this.column = -1;
        return;
      case 'c':
        this.column = this.place((columnOf(attributes.r) ?? this.column + 1) + 1, maxColumns) - 1;
        this.type = attributes.t ?? 'n';
        this.style = Number(attributes.s ?? 0);
        this.value = '';
        this.hasFormula = false;
        this.rich.begin();
        return;
      case 'f':
        this.hasFormula = true;
        return;
      case 'v':
        this.inValue = true;
        return;
      case 'mergeCell':
        this.cells.mergedRanges++;
        return;
      default:
        this.rich.open(name);
    }
  }

  text(text: string): void {
    if (this.inValue) {
      this.value += text;
      if (this.value.length > maxCellCharacters) throw this.refusal('TOO_LARGE', 'A cell is longer than 16 MiB.');
    } else this.rich.text(text);
  }

  close(name: string): void {
    if (name === 'v') this.inValue = false;
    else if (name === 'c') this.endCell();
    else if (name === 'row') this.endRow();
    else this.rich.close(name);
  }

  private endCell(): void {
    if (this.hasFormula) this.cells.formulas++;
    const written = this.writeValue();
    if (written === null) {
      if (this.hasFormula && this.value === '') this.cells.formulasWithoutValue++;
      return;
    }
    while (this.row.length < this.column) this.row.push('');
    this.row[this.column] = written;
  }

  /** The cell as CSV; null: it has no value. */
  private writeValue(): string | null {
    const { type, value } = this;
    switch (type) {
      case 's': {
        const text = this.workbook.sharedTexts[Number(value)];
        if (text === undefined) throw this.refusal('INVALID_FILE', `The workbook is damaged: it has no text ${value}.`);
        return text === '' ? null : quoted(text);
      }
      case 'inlineStr': {
        const text = this.rich.end();
        return text === '' ? null : quoted(text);
      }
      case 'str':
        return value === '' ? null : quoted(unescaped(value));
      case 'b':
        return value === '' ? null : isTrue(value.trim()) ? 'true' : 'false';
      case 'e':
        this.cells.errors++;
        return null;
      case 'd':
        return value === '' ? null : quoted(value.trim());
      default:
        return value.trim() === '' ? null : this.writeNumber(value.trim());
    }
  }

  private writeNumber(value: string): string {
    const kind = this.workbook.dateKinds[this.style] ?? null;
    const date = kind === null ? null : writeDate(Number(value), kind, this.workbook.is1904);
    // A number may have been damaged into any text.
    return date ?? quoted(value);
  }

  private endRow(): void {
    if (this.row.length === 0) return;
    this.cells.rows++;
    if (this.width === 0) this.width = this.row.length;
    // One value too many shows that there are too many.
    const values = this.row.slice(0, this.width + 1);
    while (values.length < this.width) values.push('');
    // The rows above the first with values are left out.
    if (this.cells.rows === 1) {
      this.line = this.rowNumber;
      this.cells.firstRow = this.rowNumber;
    }
    this.write('\n'.repeat(Math.max(0, this.rowNumber - this.line)));
    this.write(`${values.join(',')}\n`);
    this.line = Math.max(this.rowNumber, this.line) + 1;
  }

  private write(text: string): void {
    this.written.push(text);
    this.writtenCharacters += text.length;
  }

  /** A number of a row or a column, from 1. */
  private place(number: number, most: number): number {
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    throw this.refusal('INVALID_FILE', 'The workbook is damaged: a cell lies outside of its sheet.');
  }

  private refusal(code: 'INVALID_FILE' | 'TOO_LARGE', message: string): ProblemsError {
    return new ProblemsError([problem(this.problemPath, code, message, 'Save the sheet as CSV.')]);
  }
}

/** The column of a cell, from 0: of `B3` it is 1. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^[A-Za-z]{1,4}/.exec(reference ?? '')?.[0];
  if (letters === undefined) return null;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
