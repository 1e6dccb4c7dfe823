import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { named, percent } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import { foldedLabel } from './labels.js';
import {
  inputColumns,
  labelOf,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  textOf,
  withRole,
} from './reported-file.js';
import { inSample, type RowSample } from './scan-texts.js';

/** Texts that are read: a word of half the texts of a class is seen in a few thousand, too. */
const mostTexts = 50_000;

/** A word in fewer texts says nothing. */
const leastTexts = 20;

/** Of the texts with the word, the share that has the label; of those with the label, the share that has the word. */
const givesAway = { purity: 0.95, coverage: 0.5 } as const;
const mark = { purity: 0.98, coverage: 0.9 } as const;

interface Word {
  readonly word: string;
  readonly label: string;
  readonly texts: number;
  readonly purity: number;
  readonly coverage: number;
  readonly row: number;
}

/**
 * Words that tell a label in whatever spelling, in a sample of the learnt split, the strongest by χ² first. The purity
 * is shrunk by one text with the label's own frequency, and has to leave a fifth of the chance of another label at
 * most: a word of a text whose label all or nearly all texts have tells nothing.
 */
export async function findGiveAwayWords(
  tools: ReportTools,
  file: ReportedFile,
  learnt: string,
  sample: RowSample,
  total: number,
): Promise<ReportFinding[]> {
  const [text] = inputColumns(file);
  if (text === undefined || text.role === 'MESSAGES') return [];
  const findings: ReportFinding[] = [];
  for (const column of withRole(file, 'LABEL')) {
    tools.beat();
    const words = await tools.database.query<Word>(
      `WITH texts AS MATERIALIZED (
         SELECT ${row} AS row, ${labelOf(file, column)} AS label, ${foldedLabel(labelOf(file, column))} AS folded,
           list_distinct(regexp_extract_all(lower(left(${textOf(text)}, 5000)), '[\\p{L}\\p{M}\\p{N}_#@$]+')) AS words
         FROM ${rowsOf(file)} WHERE ${split} = $learnt AND ${identifier(column.name)} IS NOT NULL
           AND ${identifier(text.name)} IS NOT NULL AND ${inSample({ ...sample, rows: Math.min(sample.rows, mostTexts) }, total)}),
       labels AS (SELECT folded, mode(label ORDER BY label) AS label, count(*)::DOUBLE AS n FROM texts GROUP BY folded),
       totals AS (SELECT sum(n) AS n FROM labels),
       cells AS (SELECT word, folded, count(*)::DOUBLE AS n, min(row) AS row
         FROM (SELECT unnest(words) AS word, folded, row FROM texts) GROUP BY ALL),
       words AS (SELECT word, sum(n) AS n FROM cells GROUP BY word HAVING sum(n) >= ${leastTexts}),
       told AS (
         SELECT word, labels.label, cells.n AS together, words.n AS texts, labels.n AS labelled, totals.n AS total, cells.row,
           (together + labelled / total) / (texts + 1) AS purity, together / labelled AS coverage
         FROM cells JOIN words USING (word) JOIN labels USING (folded), totals)
       SELECT word, label, together AS texts, purity, coverage, row::DOUBLE AS row FROM told
       WHERE labelled < total AND coverage >= ${givesAway.coverage} AND purity >= ${givesAway.purity}
         AND 1 - purity <= 0.2 * (1 - labelled / total)
       ORDER BY total * pow(together * total - texts * labelled, 2)
         / (texts * (total - texts + 0.5) * labelled * (total - labelled + 0.5)) DESC, word LIMIT 10`,
      { learnt },
    );
    const [strongest] = words;
    if (strongest === undefined) continue;
    const isMark = words.some(({ purity, coverage }) => purity >= mark.purity && coverage >= mark.coverage);
    findings.push(
      createFinding({
        code: 'WORD_GIVES_LABEL_AWAY',
        severity: isMark ? 'WARNING' : 'NOTICE',
        message: `Words of the column ${named([text.name])} tell the label ${named([column.name])}: ${named([strongest.word])} is in ${percent(strongest.coverage)} of the texts with the label ${named([strongest.label])} and hardly in any other${words.length > 1 ? `; so are ${named(words.slice(1).map(({ word }) => word))}` : ''}.`,
        columns: [text.name, column.name],
        splits: [learnt],
        count: strongest.texts,
        examples: await showRows(
          tools,
          file,
          text,
          words.map((each) => ({
            row: each.row,
            detail: `“${each.word}” is in ${percent(each.coverage)} of the texts with the label “${each.label}”.`,
          })),
        ),
      }),
    );
  }
  return findings;
}
