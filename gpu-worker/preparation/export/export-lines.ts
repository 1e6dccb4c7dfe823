import { open } from 'node:fs/promises';
import { ConversationError, readConversation } from '../../../src/conversations/index.js';
import { optionalColumns, requiredColumns } from '../../../src/protocol/conversation-form.js';
import { rowColumn } from '../../../src/protocol/dataset-layout.js';
import { type LeftOutRow, maxLeftOutRows } from '../../../src/protocol/preparation/export-job.js';
import type { RowExport } from '../../../src/protocol/preparation/row-export.js';
import { type DuckDb, identifier } from '../../../src/storage/duckdb.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { chatLine } from './chat-lines.js';
import { rowsIn, textsOf, type VersionFile } from './exported-columns.js';

type LinesExport = Extract<RowExport, { readonly format: 'CHAT' | 'PREFERENCE' }>;
type Texts = Readonly<Record<string, string | null>>;

/** What was written, and what could not be. */
export interface ExportedLines {
  readonly rows: number;
  readonly skipped: number;
  /** The first rows that the form can not hold. */
  readonly reasons: readonly LeftOutRow[];
}

/**
 * Writes the rows of a version as JSON Lines of a form for language models. Rows that the form can not hold are left
 * out and counted. Memory is constant.
 * @param beat called for each chunk of rows, with how many have been looked at
 * @throws StorageError
 */
export async function exportLines(
  database: DuckDb,
  file: VersionFile,
  request: LinesExport,
  to: string,
  beat: (rows: number) => void,
): Promise<ExportedLines> {
  const texts = await textsOf(database, file);
  const names = columnsOf(request);
  const isJson = new Set(file.columns.flatMap(({ name, type }) => (type === 'JSON' ? [name] : [])));
  const sql = `SELECT CAST(${identifier(rowColumn)} AS DOUBLE), ${names.map((name) => texts.get(name)!).join(', ')}
    FROM ${rowsIn(file, request.splits)} ORDER BY ${identifier(rowColumn)}`;
  const reasons: LeftOutRow[] = [];
  let [written, skipped] = [0, 0];
  const target = await open(to, 'wx').catch((error: unknown) => {
    throw toStorageError(error, 'write an export');
  });
  try {
    for await (const rows of database.stream(sql)) {
      const lines: string[] = [];
      for (const [row, ...values] of rows) {
        const line = lineOf(Object.fromEntries(names.map((name, index) => [name, values[index] as string | null])));
        if (typeof line !== 'string') lines.push(`${JSON.stringify(line)}\n`);
        else {
          skipped++;
          if (reasons.length < maxLeftOutRows) reasons.push({ row: row as number, reason: line });
        }
      }
      written += lines.length;
      await target.writeFile(lines.join('')).catch((error: unknown) => {
        throw toStorageError(error, 'write an export');
      });
      beat(written + skipped);
    }
  } finally {
    await target.close();
  }
  return { rows: written, skipped, reasons };

  /** The object of a line, or why the row has none. */
  function lineOf(row: Texts): object | string {
    if (request.format === 'PREFERENCE') return preferenceOf(row);
    try {
      return chatLine(readConversation(request.form, row), request.as);
    } catch (error) {
      if (error instanceof ConversationError) return error.message;
      throw error;
    }
  }

  function preferenceOf(row: Texts): object | string {
    if (request.format !== 'PREFERENCE') throw new TypeError('a conversation is no pair of answers');
    const { promptColumn, chosenColumn, rejectedColumn } = request;
    const fields = {
      ...(promptColumn === null ? {} : { prompt: promptColumn }),
      chosen: chosenColumn,
      rejected: rejectedColumn,
    };
    const missing = Object.values(fields).find((column) => (row[column] ?? '') === '');
    if (missing !== undefined) return `“${missing}” is empty`;
    const values = Object.entries(fields).map(([field, column]) => {
      const text = row[column]!;
      return [field, isJson.has(column) ? (JSON.parse(text) as unknown) : text] as const;
    });
    return Object.fromEntries(
      values.flatMap(([field, value]) => (field === 'prompt' ? promptOf(value) : [[field, value]])),
    );
  }
}

/** What TRL takes as a prompt: of OpenAI's `input`, which is an object, its messages, and its tools beside them. */
function promptOf(value: unknown): (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || !('messages' in value)) return [['prompt', value]];
  const { messages, tools = null } = value as { readonly messages: unknown; readonly tools?: unknown };
  return [['prompt', messages], ...(tools === null ? [] : [['tools', tools] as const])];
}

/** The columns that a form is made of. */
function columnsOf(request: LinesExport): readonly string[] {
  if (request.format === 'CHAT') return [...requiredColumns(request.form), ...optionalColumns(request.form)];
  const { promptColumn, chosenColumn, rejectedColumn } = request;
  return [...new Set([...(promptColumn === null ? [] : [promptColumn]), chosenColumn, rejectedColumn])];
}
