import { notUtf8 } from '../../../src/preparation/text-encoding.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { RejectedRow } from '../../../src/protocol/datasets/rejected-row.js';
import type { RowTally } from './rejected-rows.js';

/** If this many rows are not UTF-8, and no row beyond ASCII is, the whole file has another encoding. */
const rowsOfAnotherEncoding = 10;

const shownReasons = 3;

const quotesHint =
  'Double the quotes within a value, as in `"he said ""hi"" 1"`; or say how the file writes them: `fileOptions: { delimited: { quoteEscape: BACKSLASH } }`, or another `quote`, of which an empty text is none.';

/**
 * Refuses a file that can't become a dataset. Throws ProblemsError.
 * @param wholeHint what may be wrong with the whole file
 */
export function checkTally(
  tally: RowTally,
  path: readonly string[],
  wholeHint = 'Does the file have the format that the upload declared?',
): void {
  const { accepted, rejected } = tally;
  if (
    tally.notUtf8 > 0 &&
    (accepted === 0 || (tally.notUtf8 >= rowsOfAnotherEncoding && tally.acceptedBeyondAscii === 0))
  ) {
    throw new ProblemsError([notUtf8(path, Buffer.concat(tally.notUtf8Sample))]);
  }
  const hint = tally.rows.some(({ code }) => code === 'INVALID_QUOTE') ? `${quotesHint} ${wholeHint}` : wholeHint;
  const [first] = tally.rows;
  if (accepted === 0 && first === undefined) {
    throw new ProblemsError([
      problem(path, 'EMPTY_FILE', 'The file has no rows.', 'Upload a file with at least one row.'),
    ]);
  }
  if (accepted === 0 && first !== undefined) {
    const which =
      rejected === 1 ? 'The only row could not be read' : `None of the ${rejected} rows could be read; the first`;
    throw new ProblemsError([problem(path, 'NO_VALID_ROWS', `${which}: line ${first.line}: ${first.reason}`, hint)]);
  }
  const share = rejected / (accepted + rejected);
  if (share <= tally.maxRejectedShare) return;
  const reasons = firstOfEachKind(tally.rows).map(({ line, reason }) => `line ${line}: ${reason}`);
  throw new ProblemsError([
    problem(
      path,
      'TOO_MANY_REJECTED',
      `${rejected} of ${accepted + rejected} rows could not be read, ${percent(share)}; at most ${percent(tally.maxRejectedShare)} may be. The first: ${reasons.join(' ')}`,
      `${hint} To leave these rows out, give \`fileOptions: { maxRejectedShare: ${roundedUp(share)} }\`.`,
    ),
  ]);
}

/** The first rows, those with a fault of their own before others of the same. */
function firstOfEachKind(rows: readonly RejectedRow[]): readonly RejectedRow[] {
  const first = rows.filter(({ code }, index) => rows.findIndex((row) => row.code === code) === index);
  const others = rows.filter((row) => !first.includes(row));
  return [...first, ...others].slice(0, shownReasons).sort((a, b) => a.line - b.line);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function roundedUp(share: number): number {
  return Math.ceil(100 * share) / 100;
}
