import { rowColumn } from '../../src/protocol/dataset-layout.js';
import { identifier } from '../../src/protocol/duckdb-names.js';

/** How rows with judged answers are drawn prompt by prompt. */
export interface PromptsDrawn {
  readonly promptColumn: string;
  /** A row is a pair of answers, or an answer that is compared with all others to its prompt. */
  readonly rowsAre: 'pairs' | 'answers';
}

/**
 * A DuckDB statement that selects the numbers of rows from all over a split, always the same ones: `most` of them; or
 * prompts with all their rows until these make `most` pairs, so that none but the last one is divided.
 *
 * Of answers, the j-th to a prompt makes j − 1 pairs; a single one makes none, and is drawn only where no prompt has
 * more. Answers that are as good as each other count as a pair, which is none.
 *
 * @param from what comes after the columns of a statement: the file, and the condition of the split's rows
 */
export function selectDrawn(most: number, by: PromptsDrawn | null, from: string): string {
  const row = identifier(rowColumn);
  const byRow = `md5(CAST(${row} AS VARCHAR)), ${row}`;
  if (by === null) return `SELECT ${row} ${from} ORDER BY ${byRow} LIMIT ${most}`;
  const prompt = `md5(coalesce(CAST(${identifier(by.promptColumn)} AS VARCHAR), ''))`;
  const areAnswers = by.rowsAre === 'answers';
  return `WITH numbered AS (
      SELECT ${row}, ${prompt} AS prompt,
        row_number() OVER (PARTITION BY ${prompt} ORDER BY ${byRow}) AS place,
        count(*) OVER (PARTITION BY ${prompt}) AS answers ${from}),
    counted AS (
      SELECT ${row}, prompt, place, ${areAnswers ? 'if(answers = 1, 1, place - 1)' : '1'} AS pairs FROM numbered
      ${areAnswers ? 'QUALIFY answers > 1 OR max(answers) OVER () = 1' : ''}),
    summed AS (
      SELECT ${row}, sum(pairs) OVER (ORDER BY prompt, place ROWS UNBOUNDED PRECEDING) AS upTo FROM counted)
    SELECT ${row} FROM summed WHERE upTo <= ${most}`;
}
