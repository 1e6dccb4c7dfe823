import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sheetPath } from '../../../src/preparation/check-file-options.js';
import { namesHint } from '../../../src/problems/closest-name.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { WorkbookOptions } from '../../../src/protocol/datasets/file-options.js';
import { openWorkbook, type Sheet, type Workbook } from '../formats/workbook.js';
import { type SheetCells, writeSheet } from '../formats/write-sheet.js';
import { stageCsv } from './stage-csv.js';
import type { Stage } from './staging.js';

const usual: WorkbookOptions = { sheet: null, sheetNumber: null };
const usualDelimited = { header: null, names: null };

/**
 * Stages a sheet of an Excel workbook: the one that the options choose, or else the first that is not hidden and has
 * rows. Its cells are written as CSV, and read as such.
 */
export const stageWorkbook: Stage = async (database, request, tally) => {
  const { path, options, folder, problemPath, budget } = request;
  const workbook = await openWorkbook(path, budget, problemPath);
  const written = join(folder, 'sheet.csv');
  let firstRow: number;
  try {
    const { sheet, cells } = await writeChosen(workbook, options.workbook ?? usual, written, problemPath);
    tally.notices.push(...noticesOf(workbook, sheet, cells));
    firstRow = cells.firstRow;
  } finally {
    workbook.close();
  }
  const delimited = {
    ...usualDelimited,
    ...options.delimited,
    delimiter: ',',
    quote: '"',
    quoteEscape: 'DOUBLED' as const,
  };
  const columns = await stageCsv(
    database,
    { ...request, path: written, format: 'CSV', options: { ...options, delimited } },
    tally,
  );
  await rm(written);
  const rejected = tally.rows.splice(0);
  tally.rows.push(...rejected.map((row) => ({ ...row, line: row.line + firstRow - 1 })));
  return columns;
};

async function writeChosen(
  workbook: Workbook,
  { sheet: name, sheetNumber }: WorkbookOptions,
  written: string,
  problemPath: readonly string[],
): Promise<{ readonly sheet: Sheet; readonly cells: SheetCells }> {
  const { sheets } = workbook;
  const names = sheets.map((sheet) => sheet.name);
  if (name !== null || sheetNumber !== null) {
    const sheet = name === null ? sheets[sheetNumber! - 1] : sheets.find((each) => each.name === name);
    if (sheet !== undefined) return { sheet, cells: await writeSheet(workbook, sheet, written, problemPath) };
    const message =
      name === null ? `The workbook has ${sheets.length} sheets.` : `The workbook has no sheet “${name}”.`;
    const at = name === null ? [...sheetPath.slice(0, -1), 'sheetNumber'] : sheetPath;
    throw new ProblemsError([problem(at, 'NOT_FOUND', message, namesHint(name ?? '', names))]);
  }
  for (const sheet of sheets.filter(({ isHidden }) => !isHidden)) {
    const cells = await writeSheet(workbook, sheet, written, problemPath);
    if (cells.rows > 0) return { sheet, cells };
  }
  const hidden = sheets.filter(({ isHidden }) => isHidden).map((sheet) => `“${sheet.name}”`);
  const hint =
    hidden.length === 0
      ? 'Upload a workbook with a row of names and at least one row of values.'
      : `A hidden sheet is read where it is chosen: ${hidden.join(', ')}.`;
  throw new ProblemsError([problem(problemPath, 'EMPTY_FILE', 'The sheets of the workbook are empty.', hint)]);
}

function noticesOf({ sheets }: Workbook, sheet: Sheet, cells: SheetCells): FileNotice[] {
  const notices: FileNotice[] = [];
  const others = sheets.filter((each) => each !== sheet);
  if (others.length > 0) {
    const list = others.map(({ name, isHidden }) => `“${name}”${isHidden ? ' (hidden)' : ''}`).join(', ');
    const message = `The sheet “${sheet.name}” was read. \`fileOptions: { workbook: { sheet: … } }\` chooses another: ${list}.`;
    notices.push({ code: 'SHEET_READ', message });
  }
  if (cells.formulas > 0) {
    const message = `${cells.formulas} cells are formulas: the values that they had when the workbook was saved were read.`;
    notices.push({ code: 'FORMULAS', message });
  }
  if (cells.formulasWithoutValue + cells.errors > 0) {
    const message = `${cells.formulasWithoutValue} formulas have no stored value, and ${cells.errors} cells show an error: their values are missing. A spreadsheet program stores the values when it saves the workbook.`;
    notices.push({ code: 'CELLS_WITHOUT_VALUE', message });
  }
  if (cells.mergedRanges > 0) {
    const message = `${cells.mergedRanges} ranges of cells are merged: the first cell of each has the value, and the others have none.`;
    notices.push({ code: 'MERGED_CELLS', message });
  }
  return notices;
}
