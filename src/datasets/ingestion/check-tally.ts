import { ProblemsError, problem } from '../../problems/problem.js';
import { notUtf8 } from './csv-header.js';
import type { RowTally } from './rejected-rows.js';

/** If this many rows are not UTF-8, and no row beyond ASCII is, the whole file has another encoding. */
const rowsOfAnotherEncoding = 10;

/** Refuses a file that can't become a dataset. Throws ProblemsError. */
export function checkTally(tally: RowTally, path: readonly string[]): void {
  const { accepted, rejected } = tally;
  if (
    tally.notUtf8 > 0 &&
    (accepted === 0 || (tally.notUtf8 >= rowsOfAnotherEncoding && tally.acceptedBeyondAscii === 0))
  ) {
    throw new ProblemsError([notUtf8(path)]);
  }
  if (accepted > 0) return;
  const [first] = tally.rows;
  if (first === undefined) {
    throw new ProblemsError([
      problem(path, 'EMPTY_FILE', 'The file has no rows.', 'Upload a file with at least one row.'),
    ]);
  }
  const which =
    rejected === 1 ? 'The only row could not be read' : `None of the ${rejected} rows could be read; the first`;
  throw new ProblemsError([
    problem(
      path,
      'NO_VALID_ROWS',
      `${which}: line ${first.line}: ${first.reason}`,
      'Does the file have the format that the upload declared?',
    ),
  ]);
}
