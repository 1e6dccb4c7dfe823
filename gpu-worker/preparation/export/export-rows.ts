import type { RowExport } from '../../../src/protocol/preparation/row-export.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import { type ExportedLines, exportLines } from './export-lines.js';
import { exportTable } from './export-table.js';
import type { VersionFile } from './exported-columns.js';

/**
 * Writes the rows of a dataset version into a new file.
 * @param beat called for each chunk of rows that are written one by one, with how many have been looked at
 * @throws StorageError
 */
export async function exportRows(
  database: DuckDb,
  file: VersionFile,
  request: RowExport,
  to: string,
  beat: (rows: number) => void,
): Promise<ExportedLines> {
  switch (request.format) {
    case 'CSV':
    case 'JSONL':
    case 'PARQUET':
      return { rows: await exportTable(database, file, request, to), skipped: 0, reasons: [] };
    case 'CHAT':
    case 'PREFERENCE':
      return exportLines(database, file, request, to, beat);
    default:
      return request satisfies never;
  }
}
