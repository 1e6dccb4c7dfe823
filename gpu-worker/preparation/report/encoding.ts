import { literal } from '../../../src/protocol/duckdb-names.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { beatByCharacters } from '../beat-by-characters.js';
import { mojibakeInLines } from '../text/looks-like-mojibake.js';
import { repairMojibake as mendMojibake } from '../text/repair-mojibake.js';
import { counted, named, percent } from '../wording.js';
import { createFinding, mostOfOneCode, shownExamples, showRows } from './finding.js';
import {
  type FileColumn,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  textColumns,
  textOf,
} from './reported-file.js';
import { repairMojibake } from './suggested-steps.js';

/** Columns in a statement: a version may have 10,000. */
const columnsAtOnce = 200;

/** What the bytes 0x80 to 0xBF are in Windows-1252 and Latin-1: what follows the first byte of a character in UTF-8. */
const following = '[\\x{80}-\\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]';

/**
 * UTF-8 that was read as Windows-1252 or Latin-1: first bytes that are hardly ever before such a character in any
 * language, others twice in a row, typographic quotes and dashes, and the replacement character, which stands for what
 * is lost.
 */
const damaged = [
  // A letter in quotes is followed by such a character, too.
  `(?:^|[^“‘‚„«])[ÂÃ]${following}`,
  `(?:[ÄÅÎÏÐÑØÙ]${following}){2}`,
  `â(?:€|‚|†|ˆ|‰|„)${following}?`,
  `ðŸ`,
  'ï[¿»]',
  '\\x{FFFD}',
].join('|');

/**
 * Texts that were read in another encoding than they were written in: those that show it by themselves, and those that
 * `repairMojibake` would change. The database selects the few that may be.
 */
export async function findDamagedEncoding(
  { database, beat }: ReportTools,
  file: ReportedFile,
  rows: number,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const column of await columnsBeyondAscii({ database, beat }, file)) {
    if (findings.length === mostOfOneCode) break;
    beat();
    const found = await findDamagedTexts({ database, beat }, file, column);
    if (found.count === 0) continue;
    findings.push(
      createFinding({
        code: 'DAMAGED_ENCODING',
        severity: 'WARNING',
        message: `${counted(found.count, 'text')} of ${counted(rows, 'row')} (${percent(found.count / rows)}) in the column ${named([column.name])} ${found.count === 1 ? 'has' : 'have'} characters of a wrong encoding, such as “Ã©” in place of “é”.`,
        columns: [column.name],
        splits: found.splits,
        count: found.count,
        of: rows,
        examples: await showRows({ database, beat }, file, column, found.rows),
        suggestedStep: repairMojibake(column.name),
      }),
    );
  }
  return findings;
}

/** The columns with any text that is not of ASCII alone: no other can be damaged. One pass for each 200 columns. */
async function columnsBeyondAscii({ database, beat }: ReportTools, file: ReportedFile): Promise<FileColumn[]> {
  const columns = textColumns(file);
  const found: FileColumn[] = [];
  for (let first = 0; first < columns.length; first += columnsAtOnce) {
    beat();
    const some = columns.slice(first, first + columnsAtOnce);
    const [beyond = {}] = await database.query<Record<string, boolean | null>>(
      `SELECT ${some.map((column, i) => `bool_or(${beyondAscii(column)}) AS c${i}`).join(', ')} FROM ${rowsOf(file)}`,
    );
    found.push(...some.filter((_, i) => beyond[`c${i}`] === true));
  }
  return found;
}

/** A text of ASCII has as many bytes as characters, which is seen at once. */
const beyondAscii = (column: FileColumn): string => `strlen(${textOf(column)}) <> length(${textOf(column)})`;

/** How many texts of a column are damaged, in which splits, and the first of them. */
async function findDamagedTexts({ database, beat }: ReportTools, file: ReportedFile, column: FileColumn) {
  const splits = new Set<string>();
  let count = 0;
  let first: { row: number }[] = [];
  const beatBefore = beatByCharacters(beat);
  const text = textOf(column);
  const sql = `SELECT number, split, damaged, CASE WHEN NOT damaged THEN text END
    FROM (SELECT ${row}::DOUBLE AS number, ${split} AS split, ${text} AS text, regexp_matches(${text}, ${literal(damaged)}) AS damaged
      FROM ${rowsOf(file)} WHERE ${beyondAscii(column)})
    WHERE damaged OR regexp_matches(text, ${literal(mojibakeInLines)})`;
  for await (const chunk of database.stream(sql)) {
    for (const [number, name, isDamaged, suspect] of chunk) {
      if (isDamaged !== true) {
        beatBefore((suspect as string).length);
        if (mendMojibake(suspect as string) === suspect) continue;
      }
      count++;
      splits.add(name as string);
      first.push({ row: number as number });
    }
    first = first.sort((a, b) => a.row - b.row).slice(0, shownExamples);
  }
  return { count, splits: [...splits].sort(), rows: first };
}
