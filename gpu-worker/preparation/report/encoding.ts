import { literal } from '../../../src/protocol/duckdb-names.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { createFinding, findRows, showRows } from './finding.js';
import { contentColumns, type ReportedFile, type ReportTools, textOf } from './reported-file.js';
import { repairMojibake } from './suggested-steps.js';
import { counted, named, percent } from './wording.js';

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

/** Texts that were read in another encoding than they were written in. */
export async function findDamagedEncoding(
  tools: ReportTools,
  file: ReportedFile,
  rows: number,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const column of contentColumns(file)) {
    tools.beat();
    // No text of ASCII matches: it has as many bytes as characters, which is seen at once.
    const text = textOf(column);
    const condition = `strlen(${text}) <> length(${text}) AND regexp_matches(${text}, ${literal(damaged)})`;
    const found = await findRows(tools, file, condition);
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
        examples: await showRows(tools, file, column, found.rows),
        suggestedStep: repairMojibake(column.name),
      }),
    );
  }
  return findings;
}
